import { describe, expect, it } from 'vitest';

import { dayText, daysFrom, instantsOf, momentText, wallTime } from './time';

describe('wall time in Warsaw', () => {
  it('is one hour ahead of UTC in winter and two in summer', () => {
    expect(wallTime(new Date('2026-11-24T17:00:00Z'))).toBe('2026-11-24T18:00');
    expect(wallTime(new Date('2026-07-01T16:00:00Z'))).toBe('2026-07-01T18:00');
  });

  it('names one instant on an ordinary day', () => {
    expect(instantsOf('2026-11-24T18:00').map((at) => at.toISOString())).toEqual(['2026-11-24T17:00:00.000Z']);
    expect(instantsOf('2026-07-01T18:00').map((at) => at.toISOString())).toEqual(['2026-07-01T16:00:00.000Z']);
  });

  it('names no instant in the hour that the clocks skip', () => {
    expect(instantsOf('2026-03-29T02:30')).toEqual([]);
  });

  it('names two instants in the hour that comes twice, the earlier first', () => {
    expect(instantsOf('2026-10-25T02:30').map((at) => at.toISOString())).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ]);
  });

  it('names none for an empty or broken text', () => {
    expect(instantsOf('')).toEqual([]);
    expect(instantsOf('jutro')).toEqual([]);
  });
});

describe('a moment in words', () => {
  const now = new Date('2026-11-24T12:00:00Z');
  it('leaves the day out today', () => {
    expect(momentText(new Date('2026-11-24T17:00:00Z'), now, 'pl')).toBe('18:00');
  });
  it('says the day otherwise, counted in Warsaw and not in UTC', () => {
    expect(momentText(new Date('2026-11-24T23:30:00Z'), now, 'pl')).toBe('25 listopada, 00:30');
  });
});

describe('days to choose from', () => {
  it('begin with today as Warsaw has it and skip none when the clocks change', () => {
    expect(daysFrom(new Date('2026-10-23T22:30:00Z'), 3)).toEqual(['2026-10-24', '2026-10-25', '2026-10-26']);
  });
  it('are told as people say them', () => {
    const now = new Date('2026-11-24T12:00:00Z');
    expect(dayText('2026-11-24', now, 'pl')).toBe('dzisiaj, 24 listopada');
    expect(dayText('2026-11-25', now, 'pl')).toBe('jutro, 25 listopada');
    expect(dayText('2026-11-26', now, 'pl')).toBe('czwartek, 26 listopada');
    expect(dayText('2026-11-25', now, 'en')).toBe('tomorrow, November 25');
  });
});
