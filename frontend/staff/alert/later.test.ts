import { describe, expect, it } from 'vitest';

import { laterBy } from './later';

const now = new Date('2026-11-24T17:30:40Z');

describe('how much longer', () => {
  it('counts from the end that people know while that is ahead', () => {
    expect(laterBy(2, '2026-11-24T18:00:00Z', now).toISOString()).toBe('2026-11-24T20:00:00.000Z');
  });
  it('counts from now, in whole minutes, once it has passed or nobody knows one', () => {
    expect(laterBy(1, '2026-11-24T17:00:00Z', now).toISOString()).toBe('2026-11-24T18:30:00.000Z');
    expect(laterBy(1, null, now).toISOString()).toBe('2026-11-24T18:30:00.000Z');
  });
});
