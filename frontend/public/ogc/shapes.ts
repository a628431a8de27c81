import type { Feature, FeatureCollection, Geometry } from 'geojson';

/** The geometries of a GeoJSON document, several parts of one each by itself: what the map can draw. */
export function shapesOf(document: Feature | FeatureCollection): Geometry[] {
  const features = document.type === 'Feature' ? [document] : document.features;
  return features.flatMap(({ geometry }) => partsOf(geometry));
}

function partsOf(geometry: Geometry): Geometry[] {
  switch (geometry.type) {
    case 'MultiPoint':
      return geometry.coordinates.map((coordinates) => ({ type: 'Point', coordinates }));
    case 'MultiLineString':
      return geometry.coordinates.map((coordinates) => ({ type: 'LineString', coordinates }));
    case 'MultiPolygon':
      return geometry.coordinates.map((coordinates) => ({ type: 'Polygon', coordinates }));
    default:
      return [geometry];
  }
}
