import { describe, expect, it } from 'vitest';

import { isRunning, stepsOf, type ImportRun } from './import-steps';

const run: ImportRun = {
  id: 1,
  file_name: 'ulice.gpkg',
  state: 'reading',
  read: 40,
  checked: 30,
  written: 0,
  expected: 100,
  edition: null,
  error: '',
};

describe('the steps of an import', () => {
  it('count towards what the file says it has', () => {
    expect(stepsOf(run).map(({ done, of }) => [done, of])).toEqual([
      [40, 100],
      [30, 100],
      [0, null],
    ]);
  });

  it('have no end while nobody knows it', () => {
    expect(stepsOf({ ...run, expected: null })[0]?.of).toBeNull();
  });

  it('never claim more than there is where the file said too little', () => {
    expect(stepsOf({ ...run, read: 120 })[0]).toEqual({ step: 'read', done: 120, of: 120 });
  });

  it('know the end once the file was read, whatever it said', () => {
    expect(stepsOf({ ...run, state: 'writing', expected: null, read: 90 })[1]?.of).toBe(90);
  });

  it('go on until the import has ended', () => {
    expect((['waiting', 'writing', 'staged', 'failed'] as const).map((state) => isRunning({ ...run, state }))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
