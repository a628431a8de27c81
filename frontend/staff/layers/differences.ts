import type { Api } from '../../shared/api/client';
import type { Schemas } from '../../shared/api/types';
import { t } from '../../shared/i18n';
import type { IconName } from '../../shared/ui/Icon.svelte';

export type Differences = Schemas['Differences'];
export type Overview = Schemas['Overview'];
export type Difference = Schemas['Difference'];
export type Kind = Difference['kinds'][number];

/** Every kind has a sign of its own beside its colour and its word. */
export const ICONS: Readonly<Record<Kind, IconName>> = {
  added: 'plus',
  removed: 'cross',
  moved: 'shape',
  renamed: 'pencil',
  other: 'info',
  conflict: 'ostrzezenie',
};

export function wordOf(kind: Kind): string {
  return t(`diff.${kind}`);
}

export interface Chip {
  /** Empty: all changes. */
  readonly kind: Kind | '';
  readonly word: string;
  readonly n: number;
}

/** What the list can be narrowed to: only what there is. */
export function chips({ total, counts, conflicts }: Pick<Overview, 'total' | 'counts' | 'conflicts'>): Chip[] {
  const numbers: Partial<Record<Kind, number>> = { ...counts, conflict: conflicts };
  const kinds = (Object.keys(ICONS) as Kind[]).map((kind) => ({ kind, word: wordOf(kind), n: numbers[kind] ?? 0 }));
  return [{ kind: '' as const, word: t('diff.all'), n: total }, ...kinds.filter(({ n }) => n > 0)];
}

/** By how much the shape moved at most, as precisely as anybody needs it; null for one that stays. */
export function movedBy({ hausdorff_m }: Pick<Difference, 'hausdorff_m'>): string | null {
  if (hausdorff_m === null) return null;
  if (hausdorff_m < 0.05) return t('diff.moved_nowhere');
  return t('diff.moved_by', { n: hausdorff_m < 10 ? Math.round(hausdorff_m * 10) / 10 : Math.round(hausdorff_m) });
}

export function differencesApi(api: Api, gmina: string, edition: number) {
  return (kind: Kind | '', after: number, signal?: AbortSignal) => {
    const query = new URLSearchParams({ ...(kind === '' ? {} : { kind }), after: String(after) });
    const path = `/gminas/${gmina}/editions/${edition}/differences?${query.toString()}`;
    return api.call<Differences>('GET', path, signal ? { signal } : {});
  };
}
