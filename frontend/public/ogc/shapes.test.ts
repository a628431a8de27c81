import type { Feature, Geometry } from 'geojson';
import { describe, expect, it } from 'vitest';

import { shapesOf } from './shapes';

const feature = (geometry: Geometry): Feature => ({ type: 'Feature', geometry, properties: {} });

describe('shapesOf', () => {
  it('takes one feature or many', () => {
    const point: Geometry = { type: 'Point', coordinates: [19, 50] };
    expect(shapesOf(feature(point))).toEqual([point]);
    expect(shapesOf({ type: 'FeatureCollection', features: [feature(point), feature(point)] })).toEqual([point, point]);
  });

  it('takes several parts one by one, with their holes', () => {
    const ring = [[19, 50], [20, 50], [20, 51], [19, 50]];
    const hole = [[19.2, 50.1], [19.3, 50.1], [19.3, 50.2], [19.2, 50.1]];
    const several: Geometry = { type: 'MultiPolygon', coordinates: [[ring, hole], [ring]] };
    expect(shapesOf(feature(several))).toEqual([
      { type: 'Polygon', coordinates: [ring, hole] },
      { type: 'Polygon', coordinates: [ring] },
    ]);
    const lines: Geometry = { type: 'MultiLineString', coordinates: [ring, hole] };
    expect(shapesOf(feature(lines)).map(({ type }) => type)).toEqual(['LineString', 'LineString']);
  });
});
