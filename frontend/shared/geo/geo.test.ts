import { describe, expect, it } from 'vitest';

import { bboxOf, unionOf } from './bbox';
import { linesOf } from './coordinates';
import { distanceToLinePx } from './distance-to-line';
import type { LonLat } from './lon-lat';
import { midpointOfLongest } from './midpoint';
import { selfCrossing } from './self-crossing';

describe('boxes', () => {
  it('hold all points and are none for none', () => {
    expect(bboxOf([[19, 50.2], [18.9, 50.3], [18.95, 50.1]])).toEqual([18.9, 50.1, 19, 50.3]);
    expect(bboxOf([])).toBeNull();
  });
  it('unite', () => {
    expect(unionOf([[0, 0, 1, 1], [2, -1, 3, 0.5]])).toEqual([0, -1, 3, 1]);
  });
});

describe('lines of a geometry', () => {
  it('come from collections and rings alike', () => {
    const ring = [[0, 0], [1, 0], [1, 1], [0, 0]];
    const lines = linesOf({
      type: 'GeometryCollection',
      geometries: [
        { type: 'Point', coordinates: [5, 5] },
        { type: 'MultiPolygon', coordinates: [[ring]] },
      ],
    });
    expect(lines).toEqual([[[5, 5]], ring]);
  });
});

describe('the place of a name tag', () => {
  it('is halfway along the longest line, on it', () => {
    const short: LonLat[] = [[10, 0], [10, 0.5]];
    const bent: LonLat[] = [[0, 0], [0, 1], [0, 4]];
    expect(midpointOfLongest([short, bent])).toEqual([0, 2]);
  });
  it('is the point itself for a point, none for nothing', () => {
    expect(midpointOfLongest([[[5, 6]]])).toEqual([5, 6]);
    expect(midpointOfLongest([])).toBeNull();
  });
});

describe('a drawn path', () => {
  it('around a square crosses itself nowhere', () => {
    expect(selfCrossing([[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]])).toBeNull();
  });
  it('in a bow tie crosses itself in its middle', () => {
    expect(selfCrossing([[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]])).toEqual([1, 1]);
  });
  it('is not refused for a vertex set twice by a double click', () => {
    expect(selfCrossing([[0, 0], [2, 0], [2, 2], [2, 2], [0, 0]])).toBeNull();
  });
  it('that is not closed yet is judged by the sides it has', () => {
    expect(selfCrossing([[0, 0], [2, 2], [2, 0]])).toBeNull();
    expect(selfCrossing([[0, 0], [2, 2], [2, 0], [0, 2]])).toEqual([1, 1]);
  });
});

describe('the distance from a click to a line', () => {
  const bend = [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 10 }];
  it('is measured across to the nearest side', () => {
    expect(distanceToLinePx({ x: 4, y: 3 }, bend)).toBe(3);
    expect(distanceToLinePx({ x: 12, y: 5 }, bend)).toBe(2);
  });
  it('is measured to the end beyond the end', () => {
    expect(distanceToLinePx({ x: -3, y: -4 }, bend)).toBe(5);
  });
  it('is endless to nothing, and to a point the way to it', () => {
    expect(distanceToLinePx({ x: 0, y: 0 }, [])).toBe(Number.POSITIVE_INFINITY);
    expect(distanceToLinePx({ x: 3, y: 4 }, [{ x: 0, y: 0 }])).toBe(5);
  });
});
