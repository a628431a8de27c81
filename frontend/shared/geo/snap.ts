import type { LonLat } from './lon-lat';

export interface SnapOptions {
  /** How near something has to be: degrees of latitude. */
  readonly reach: number;
  /** The place that is being moved: it and the sides that meet there draw nothing to themselves. */
  readonly except?: LonLat | null;
}

/** The place a point near `at` is meant to be: the nearest vertex in reach, else the nearest side. */
export function snapped(at: LonLat, lines: Iterable<readonly LonLat[]>, { reach, except = null }: SnapOptions): LonLat | null {
  const shrink = Math.cos((at[1] * Math.PI) / 180);
  let [vertex, vertexAway, side, sideAway]: [LonLat | null, number, LonLat | null, number] = [null, reach, null, reach];
  for (const line of lines) {
    for (const [i, point] of line.entries()) {
      if (isSame(point, except)) continue;
      const away = distance(at, point, shrink);
      if (away < vertexAway) [vertex, vertexAway] = [point, away];
      const next = line[i + 1];
      if (!next || isSame(next, except)) continue;
      const foot = nearestOn(point, next, at, shrink);
      const footAway = distance(at, foot, shrink);
      if (footAway < sideAway) [side, sideAway] = [foot, footAway];
    }
  }
  return vertex ?? side;
}

function isSame(point: LonLat, other: LonLat | null): boolean {
  return other !== null && point[0] === other[0] && point[1] === other[1];
}

function distance(a: LonLat, b: LonLat, shrink: number): number {
  return Math.hypot((a[0] - b[0]) * shrink, a[1] - b[1]);
}

function nearestOn(a: LonLat, b: LonLat, at: LonLat, shrink: number): LonLat {
  const [dx, dy] = [(b[0] - a[0]) * shrink, b[1] - a[1]];
  const square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : ((at[0] - a[0]) * shrink * dx + (at[1] - a[1]) * dy) / square;
  const share = Math.min(Math.max(along, 0), 1);
  return [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
}
