import type { Geometry, Position } from 'geojson';

import type { LonLat } from './lon-lat';

/** The lines of a geometry: rings of polygons included, points as lines of one point. */
export function linesOf(geometry: Geometry): LonLat[][] {
  switch (geometry.type) {
    case 'Point':
      return [[lonLat(geometry.coordinates)]];
    case 'MultiPoint':
      return geometry.coordinates.map((point) => [lonLat(point)]);
    case 'LineString':
      return [geometry.coordinates.map(lonLat)];
    case 'MultiLineString':
    case 'Polygon':
      return geometry.coordinates.map((line) => line.map(lonLat));
    case 'MultiPolygon':
      return geometry.coordinates.flatMap((rings) => rings.map((ring) => ring.map(lonLat)));
    case 'GeometryCollection':
      return geometry.geometries.flatMap(linesOf);
  }
}

function lonLat(position: Position): LonLat {
  return [position[0] ?? Number.NaN, position[1] ?? Number.NaN];
}
