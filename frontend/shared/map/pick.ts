import type { Map as MapLibre, MapGeoJSONFeature, PointLike } from 'maplibre-gl';

import { linesOf } from '../geo/coordinates';
import { distanceToLinePx, type Pixel } from '../geo/distance-to-line';
import { hitLayer } from './style';

export interface Picked {
  readonly fid: number;
  readonly name: string;
}

/** The feature of layer `slug` that a click at `at` means: of several lines in reach, the nearest. */
export function pick(map: MapLibre, at: Pixel, slug: string): Picked | null {
  const found = map.queryRenderedFeatures([at.x, at.y] satisfies PointLike, { layers: [hitLayer(slug)] });
  const [nearest] = found
    .map((feature) => ({ feature, distance: distance(map, at, feature) }))
    .sort((a, b) => a.distance - b.distance);
  if (!nearest || typeof nearest.feature.id !== 'number') return null;
  return { fid: nearest.feature.id, name: String(nearest.feature.properties.name ?? '') };
}

/** Areas and points are hit or not; only lines have a hit area wider than what is drawn. */
function distance(map: MapLibre, at: Pixel, feature: MapGeoJSONFeature): number {
  if (!feature.geometry.type.endsWith('LineString')) return 0;
  const lines = linesOf(feature.geometry).map((line) => line.map(([lon, lat]) => map.project([lon, lat])));
  return Math.min(...lines.map((line) => distanceToLinePx(at, line)));
}
