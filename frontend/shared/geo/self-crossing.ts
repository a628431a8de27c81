import type { LonLat } from './lon-lat';

/**
 * Where a path crosses itself, or null; closed (last point = first) or open.
 * Paths are short (drawn by hand): every pair of sides is tried.
 */
export function selfCrossing(path: readonly LonLat[]): LonLat | null {
  const points = path.filter((point, i) => i === 0 || !same(point, path[i - 1]));
  const isClosed = same(points[0], points.at(-1));
  const sides = points.slice(1).map((end, i) => [points[i] ?? end, end] as const);
  for (const [i, first] of sides.entries()) {
    for (let j = i + 2; j < sides.length; j += 1) {
      const second = sides[j];
      const isNeighbour = isClosed && i === 0 && j === sides.length - 1;
      const at = second && !isNeighbour ? crossing(first, second) : null;
      if (at) return at;
    }
  }
  return null;
}

function same(a: LonLat | undefined, b: LonLat | undefined): boolean {
  return a?.[0] === b?.[0] && a?.[1] === b?.[1];
}

type Side = readonly [LonLat, LonLat];

function crossing([a, b]: Side, [c, d]: Side): LonLat | null {
  const [rx, ry, sx, sy] = [b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]];
  const cross = rx * sy - ry * sx;
  if (cross === 0) return null;
  const along = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / cross;
  const other = ((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / cross;
  const isInside = along >= 0 && along <= 1 && other >= 0 && other <= 1;
  return isInside ? [a[0] + rx * along, a[1] + ry * along] : null;
}
