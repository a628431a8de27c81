import { t } from '../shared/i18n';

/** A count of people that may be hidden because it is small (1–4, or below 20 in drawn shapes). */
export interface Count {
  readonly count: number | null;
  readonly below?: number | null | undefined;
}

/** "340" or "mniej niż 5". */
export function figure(count: Count): string {
  if (count.count !== null) return t('number', { n: count.count });
  if (!isTold(count)) return '–';
  return t('count.below', { n: count.below ?? 5 });
}

/** "osób z aplikacją" in the form the figure asks for; after "mniej niż 5": "osób". */
export function peopleWord(count: Count): string {
  return t('count.people_word', { n: count.count ?? count.below ?? 5 });
}

/** "340 osób", for buttons and sentences. */
export function people(count: Count): string {
  if (!isTold(count)) return t('count.people_untold');
  if (count.count === null) return t('count.people_below', { n: count.below ?? 5 });
  return t('count.people', { n: count.count });
}

/** False where even a bound would give a small count away. */
export function isTold({ count, below }: Count): boolean {
  return count !== null || Boolean(below);
}

export function isNobody(count: Count): boolean {
  return count.count === 0;
}
