import { describe, expect, it } from 'vitest';

import { apart, csvOf, pathOf, scaleOf, spanOf, ticksOf, type Moment } from './chart';

const FRAME = { width: 110, height: 60, left: 10, right: 0, top: 0, bottom: 10 };
const TIMELINE: Moment[] = [
  { t_s: 10, accepted: 100, received: 50, opened: 0 },
  { t_s: 30, accepted: 100, received: 80, opened: 20 },
];

describe('the time axis', () => {
  it('ends at a round time that holds everything', () => {
    expect(spanOf(TIMELINE)).toBe(60);
    expect(spanOf([{ t_s: 61, accepted: 0, received: 0, opened: 0 }])).toBe(120);
    expect(spanOf([])).toBe(60);
  });
  it('ends with the last moment past all round times', () => {
    expect(spanOf([{ t_s: 999_999, accepted: 0, received: 0, opened: 0 }])).toBe(999_999);
  });
});

describe('a line', () => {
  const scale = scaleOf(FRAME, 50, 100);
  it('starts at nothing, follows the moments and stays flat until now', () => {
    expect(pathOf(TIMELINE, 'received', scale, 50)).toBe('M10 50L30 25L70 10L110 10');
  });
  it('is flat on the ground before anything happened', () => {
    expect(pathOf([], 'opened', scale, 50)).toBe('M10 50L110 50');
  });
});

it('ticks are whole and never twice the same', () => {
  expect(ticksOf(340)).toEqual([0, 170, 340]);
  expect(ticksOf(1)).toEqual([0, 1]);
  expect(ticksOf(0)).toEqual([0]);
});

it('labels keep their order and a gap', () => {
  expect(apart([10, 12, 60], 16)).toEqual([10, 26, 60]);
  expect(apart([30, 30, 30], 10)).toEqual([30, 40, 50]);
});

it('the file has a line a moment under its heads', () => {
  expect(csvOf(TIMELINE, ['t', 'a', 'r', 'o'])).toBe('t;a;r;o\r\n10;100;50;0\r\n30;100;80;20');
});
