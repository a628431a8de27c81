import type { Schemas } from '../../shared/api/types';
import type { Count } from '../counts';

/** Answer of …/alerts/{ref}/progress. */
export type Progress = Schemas['Progress'];

/** Whether any figure of the funnel goes by steps: then the page says so. */
export function isRounded({ residents }: Progress): boolean {
  const moving: readonly Count[] = [residents.accepted, residents.received, residents.opened];
  return moving.some(({ count }) => count !== 0 && count !== residents.selected.count);
}

/** The times by which a half, nine in ten and 99 in 100 phones had the message, as far as known. */
export function speedOf({ seconds_to_50, seconds_to_90, seconds_to_99 }: Progress): { share: number; seconds: number }[] {
  const times: [number, number | null][] = [
    [50, seconds_to_50],
    [90, seconds_to_90],
    [99, seconds_to_99],
  ];
  return times.flatMap(([share, seconds]) => (seconds === null ? [] : [{ share, seconds }]));
}
