import type { LonLat } from './lon-lat';

/** The point halfway along the longest of the lines, where a name tag stands; null for none. */
export function midpointOfLongest(lines: readonly LonLat[][]): LonLat | null {
  const longest = lines.reduce<LonLat[]>((best, line) => (length(line) > length(best) ? line : best), lines[0] ?? []);
  return halfway(longest);
}

function halfway(line: readonly LonLat[]): LonLat | null {
  let left = length(line) / 2;
  for (let i = 1; i < line.length; i += 1) {
    const [a, b] = [line[i - 1], line[i]];
    if (!a || !b) break;
    const step = distance(a, b);
    if (step >= left && step > 0) return between(a, b, left / step);
    left -= step;
  }
  return line[0] ?? null;
}

function between(a: LonLat, b: LonLat, share: number): LonLat {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
}

function length(line: readonly LonLat[]): number {
  return line.reduce((sum, point, i) => sum + (i > 0 ? distance(line[i - 1] ?? point, point) : 0), 0);
}

/** In degrees of latitude: good enough to compare parts of one street. */
function distance(a: LonLat, b: LonLat): number {
  return Math.hypot((a[0] - b[0]) * Math.cos((a[1] * Math.PI) / 180), a[1] - b[1]);
}
