import { expect, it } from 'vitest';

import { gestureOf } from './gesture';
import type { LonLat } from './lon-lat';

const SQUARE: LonLat[] = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]];

it('tells a point that moved', () => {
  expect(gestureOf(SQUARE, [[0, 0], [1, 0], [2, 2], [0, 1], [0, 0]])).toEqual({ kind: 'move', start: [1, 1], end: [2, 2] });
});

it('tells the first point, which stands at both ends', () => {
  expect(gestureOf(SQUARE, [[5, 5], [1, 0], [1, 1], [0, 1], [5, 5]])).toEqual({ kind: 'move', start: [0, 0], end: [5, 5] });
});

it('tells a point put into a side, the closing one too', () => {
  expect(gestureOf(SQUARE, [[0, 0], [0.5, -1], [1, 0], [1, 1], [0, 1], [0, 0]])).toEqual({
    kind: 'insert',
    side: [[0, 0], [1, 0]],
    end: [0.5, -1],
  });
  expect(gestureOf(SQUARE, [[0, 0], [1, 0], [1, 1], [0, 1], [-1, 0.5], [0, 0]])).toEqual({
    kind: 'insert',
    side: [[0, 1], [0, 0]],
    end: [-1, 0.5],
  });
});

it('tells a point taken out, the first too', () => {
  expect(gestureOf(SQUARE, [[0, 0], [1, 0], [0, 1], [0, 0]])).toEqual({ kind: 'remove', at: [1, 1] });
  expect(gestureOf(SQUARE, [[1, 0], [1, 1], [0, 1], [1, 0]])).toEqual({ kind: 'remove', at: [0, 0] });
});

it('tells the end of an open line', () => {
  expect(gestureOf([[0, 0], [1, 0]], [[0, 0], [2, 0]])).toEqual({ kind: 'move', start: [1, 0], end: [2, 0] });
});

it('tells nothing of a shape that stayed, or changed in several places', () => {
  expect(gestureOf(SQUARE, SQUARE)).toBeNull();
  expect(gestureOf(SQUARE, [[9, 9], [1, 0], [8, 8], [0, 1], [9, 9]])).toBeNull();
});
