import type { Draft } from './draft';

/** What survives a closed tab or a lost connection: one draft a gmina and alert in this browser. */
export interface Kept {
  readonly draft: Draft;
  readonly at: string;
  /** Version on the server that it was written upon; null: none yet. */
  readonly etag?: string | null;
}

const key = (gmina: string, ref: string | null) => `alert-draft:${gmina}:${ref ?? 'new'}`;

export function keep(storage: Storage, gmina: string, ref: string | null, draft: Draft, at: Date, etag: string | null = null): boolean {
  try {
    storage.setItem(key(gmina, ref), JSON.stringify({ draft, at: at.toISOString(), etag } satisfies Kept));
    return true;
  } catch {
    // Full or forbidden: the server's copy is what is left, and the panel says so.
    return false;
  }
}

export function kept(storage: Storage, gmina: string, ref: string | null): Kept | null {
  const text = storage.getItem(key(gmina, ref));
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Partial<Kept>;
    return value.draft && value.at ? { draft: value.draft, at: value.at, etag: value.etag ?? null } : null;
  } catch {
    return null;
  }
}

export function forget(storage: Storage, gmina: string, ref: string | null): void {
  storage.removeItem(key(gmina, ref));
}
