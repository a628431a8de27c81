import type { Schemas } from '../../shared/api/types';
import type { Count } from '../counts';

/** Answer of …/alerts/{ref}/progress. */
export type Progress = Schemas['Progress'];

/** Whether any figure of the funnel goes by steps: then the page says so. */
export function isRounded({ residents }: Progress): boolean {
  const moving: readonly Count[] = [residents.accepted, residents.received, residents.opened];
  return moving.some(({ count }) => count !== 0 && count !== residents.selected.count);
}
