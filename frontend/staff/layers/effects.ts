import type { Schemas } from '../../shared/api/types';
import { t } from '../../shared/i18n';

export type Effects = Schemas['Effects'];
type Told = Schemas['Told'];

const ORDER = ['street', 'lost', 'district', 'gmina'] as const;
export type What = (typeof ORDER)[number];

/** What there is a figure for; that nobody loses their street goes without saying. */
export function shownEffects({ effects }: Pick<Effects, 'effects'>): { what: What; told: Told }[] {
  const known = ORDER.flatMap((what) => (effects[what] ? [{ what, told: effects[what] }] : []));
  return known.filter(({ what, told }) => what !== 'lost' || told.count !== 0);
}

/** "około 340", "mniej niż 20", "0". */
export function places({ count, below }: Told): string {
  if (count === null) return t('count.below', { n: below ?? 0 });
  return count === 0 ? '0' : t('effects.about', { n: count });
}
