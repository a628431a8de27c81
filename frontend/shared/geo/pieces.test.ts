import { expect, it } from 'vitest';

import type { LonLat } from './lon-lat';
import { piecesOf, withPiece, type EditShape } from './pieces';

const OUTER = [[0, 0], [9, 0], [9, 9], [0, 0]];
const HOLE = [[1, 1], [2, 1], [2, 2], [1, 1]];
const FAR = [[20, 20], [21, 20], [21, 21], [20, 20]];
const SHAPE: EditShape = { type: 'MultiPolygon', coordinates: [[OUTER, HOLE], [FAR]] };

it('takes a shape with holes and islands apart and puts one piece back in its place', () => {
  expect(piecesOf(SHAPE)).toEqual([OUTER, HOLE, FAR]);
  const path: LonLat[] = [[5, 5], [6, 5], [6, 6], [5, 5]];
  expect(withPiece(SHAPE, 1, path)).toEqual({ type: 'MultiPolygon', coordinates: [[OUTER, path], [FAR]] });
  expect(withPiece(SHAPE, 2, path)).toEqual({ type: 'MultiPolygon', coordinates: [[OUTER, HOLE], [path]] });
});

it('moves a point', () => {
  expect(withPiece({ type: 'Point', coordinates: [1, 2] }, 0, [[3, 4]])).toEqual({ type: 'Point', coordinates: [3, 4] });
});
