import type { Geometry, LineString, MultiLineString, MultiPolygon, Point, Polygon, Position } from 'geojson';

import type { LonLat } from './lon-lat';

/** Shapes that a layer's features have; points stand alone. */
export type EditShape = Point | LineString | Polygon | MultiLineString | MultiPolygon;

/** Every ring or line of a shape, in its order: what can be edited one at a time. */
export function piecesOf(shape: EditShape): LonLat[][] {
  switch (shape.type) {
    case 'Point':
      return [[lonLat(shape.coordinates)]];
    case 'LineString':
      return [shape.coordinates.map(lonLat)];
    case 'MultiLineString':
    case 'Polygon':
      return shape.coordinates.map((path) => path.map(lonLat));
    case 'MultiPolygon':
      return shape.coordinates.flatMap((rings) => rings.map((ring) => ring.map(lonLat)));
  }
}

/** The shape with another path for the piece number `n`. */
export function withPiece(shape: EditShape, n: number, path: readonly LonLat[]): EditShape {
  const coordinates = path.map(([lon, lat]): Position => [lon, lat]);
  const at = (paths: Position[][], from = 0) => paths.map((old, i) => (from + i === n ? coordinates : old));
  switch (shape.type) {
    case 'Point':
      return { type: 'Point', coordinates: coordinates[0] ?? shape.coordinates };
    case 'LineString':
      return { type: 'LineString', coordinates };
    case 'MultiLineString':
    case 'Polygon':
      return { ...shape, coordinates: at(shape.coordinates) };
    case 'MultiPolygon': {
      let from = 0;
      const polygons = shape.coordinates.map((rings) => {
        const changed = at(rings, from);
        from += rings.length;
        return changed;
      });
      return { ...shape, coordinates: polygons };
    }
  }
}

export function isEditable(geometry: Geometry): geometry is EditShape {
  return geometry.type !== 'GeometryCollection' && geometry.type !== 'MultiPoint';
}

function lonLat(position: Position): LonLat {
  return [position[0] ?? Number.NaN, position[1] ?? Number.NaN];
}
