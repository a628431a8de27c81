import type { ApiError } from '../shared/errors';

/** The page that takes a fresh one-time code and then leads back to `page`; null for any other refusal. */
export function confirmationUrl({ code, details }: ApiError, page: string): string | null {
  if (code !== 'confirmation_needed' || typeof details.url !== 'string') return null;
  return `${details.url}?next=${encodeURIComponent(page)}`;
}

/** A move that waits for the code, with the words written for it. */
export interface Waiting {
  readonly move: string;
  readonly words: string;
}

const key = (gmina: string, ref: string) => `alert-move:${gmina}:${ref}`;

/** Keeps the move in this tab while the officer gives the code. */
export function setAside(storage: Storage, gmina: string, ref: string, waiting: Waiting): void {
  storage.setItem(key(gmina, ref), JSON.stringify(waiting));
}

/** The move set aside, once: a page opened later starts with none. */
export function takeUp(storage: Storage, gmina: string, ref: string): Waiting | null {
  const text = storage.getItem(key(gmina, ref));
  storage.removeItem(key(gmina, ref));
  return text === null ? null : (JSON.parse(text) as Waiting);
}
