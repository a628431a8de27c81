import type { Schemas } from '../../shared/api/types';
import type { Count } from '../counts';

/** Answer of …/alerts/{ref}/progress. */
export type Progress = Schemas['Progress'];

/** A step of the funnel as a count that may be masked. */
export function countOf(progress: Progress, step: keyof Progress['residents']): Count {
  return { count: progress.residents[step], below: progress.below };
}
