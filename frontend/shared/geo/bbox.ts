import type { Bbox, LonLat } from './lon-lat';

/** The smallest box around all points; null for none. */
export function bboxOf(points: Iterable<LonLat>): Bbox | null {
  let box: [number, number, number, number] | null = null;
  for (const [lon, lat] of points) {
    box = box
      ? [Math.min(box[0], lon), Math.min(box[1], lat), Math.max(box[2], lon), Math.max(box[3], lat)]
      : [lon, lat, lon, lat];
  }
  return box;
}

/** The smallest box around all boxes; null for none. */
export function unionOf(boxes: Iterable<Bbox>): Bbox | null {
  return bboxOf([...boxes].flatMap(([west, south, east, north]) => [[west, south] as const, [east, north] as const]));
}
