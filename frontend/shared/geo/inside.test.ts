import type { Polygon, Position } from 'geojson';
import { describe, expect, it } from 'vitest';

import { placeOfTag } from './inside';

const polygon = (...rings: Position[][]): Polygon => ({ type: 'Polygon', coordinates: rings });
const square: Position[] = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]];

describe('the place of a name tag', () => {
  it('is in the middle of a square', () => {
    expect(placeOfTag(polygon(square))).toEqual([2, 2]);
  });
  it('is in the arm of a shape that is hollow in its middle', () => {
    const u: Position[] = [[0, 0], [9, 0], [9, 4], [8, 4], [8, 1], [3, 1], [3, 4], [0, 4], [0, 0]];
    expect(placeOfTag(polygon(u))).toEqual([1.5, 2]);
  });
  it('is beside a hole', () => {
    const hole: Position[] = [[1, 1], [3.5, 1], [3.5, 3], [1, 3], [1, 1]];
    expect(placeOfTag(polygon(square, hole))).toEqual([0.5, 2]);
  });
  it('is on the edge where halfway between two shapes there is nothing', () => {
    const low: Position[] = [[0, 0], [6, 0], [6, 1], [0, 1], [0, 0]];
    const high: Position[] = [[0, 8], [1, 8], [1, 9], [0, 9], [0, 8]];
    expect(placeOfTag({ type: 'MultiPolygon', coordinates: [[low], [high]] })).toEqual([6, expect.closeTo(1, 2)]);
  });
  it('is on a line, at a point', () => {
    expect(placeOfTag({ type: 'LineString', coordinates: [[0, 0], [0, 4]] })).toEqual([0, 2]);
    expect(placeOfTag({ type: 'Point', coordinates: [5, 6] })).toEqual([5, 6]);
  });
});
