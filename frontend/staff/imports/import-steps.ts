import type { Schemas } from '../../shared/api/types';

export type ImportRun = Schemas['ImportRun'];
export interface Step {
  readonly step: 'read' | 'checked' | 'written';
  readonly done: number;
  /** How many there will be; null where only the end of the file will tell. */
  readonly of: number | null;
}

const RUNNING: readonly string[] = ['waiting', 'reading', 'checking', 'writing'];

export function isRunning(run: ImportRun): boolean {
  return RUNNING.includes(run.state);
}

/** The three steps with their counts: what was read is what will be checked. */
export function stepsOf({ state, read, checked, written, expected }: ImportRun): Step[] {
  const isRead = state === 'checking' || state === 'writing';
  const all = isRead ? read : expected === null ? null : Math.max(expected, read);
  return [
    { step: 'read', done: read, of: all },
    { step: 'checked', done: checked, of: all },
    // How many changes there will be is known when they are all written.
    { step: 'written', done: written, of: null },
  ];
}
