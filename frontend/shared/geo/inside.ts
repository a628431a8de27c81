import type { Geometry } from 'geojson';

import { bboxOf } from './bbox';
import { linesOf } from './coordinates';
import type { LonLat } from './lon-lat';
import { midpointOfLongest } from './midpoint';

/** Where a name tag stands: inside a polygon, halfway along the longest line of what is none; null for nothing. */
export function placeOfTag(geometry: Geometry): LonLat | null {
  const lines = linesOf(geometry);
  const isArea = geometry.type.endsWith('Polygon');
  return (isArea ? insideOf(lines) : null) ?? midpointOfLongest(lines);
}

/** The middle of the widest stretch inside the rings (holes are rings too), halfway from south to north. */
function insideOf(rings: readonly LonLat[][]): LonLat | null {
  const box = bboxOf(rings.flat());
  if (!box) return null;
  const lat = (box[1] + box[3]) / 2;
  const lons = rings.flatMap((ring) => crossings(ring, lat)).sort((a, b) => a - b);
  let widest: readonly [number, number] | null = null;
  for (let i = 1; i < lons.length; i += 2) {
    const stretch = [lons[i - 1] ?? 0, lons[i] ?? 0] as const;
    if (!widest || stretch[1] - stretch[0] > widest[1] - widest[0]) widest = stretch;
  }
  return widest && [(widest[0] + widest[1]) / 2, lat];
}

/** Longitudes at which the sides of a ring cross a parallel. */
function crossings(ring: readonly LonLat[], lat: number): number[] {
  return ring.slice(1).flatMap((b, i) => {
    const a = ring[i] ?? b;
    if (a[1] > lat === b[1] > lat) return [];
    return [a[0] + ((lat - a[1]) / (b[1] - a[1])) * (b[0] - a[0])];
  });
}
