/** A place on the screen in pixels. */
export interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** How far a point is from a line, in pixels; infinite for a line without points. */
export function distanceToLinePx(point: Pixel, line: readonly Pixel[]): number {
  const [first] = line;
  if (!first) return Number.POSITIVE_INFINITY;
  return line
    .slice(1)
    .reduce(
      (best, end, i) => Math.min(best, distanceToSide(point, line[i] ?? end, end)),
      Math.hypot(point.x - first.x, point.y - first.y),
    );
}

function distanceToSide(point: Pixel, a: Pixel, b: Pixel): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : ((point.x - a.x) * dx + (point.y - a.y) * dy) / square;
  const share = Math.min(Math.max(along, 0), 1);
  return Math.hypot(point.x - a.x - share * dx, point.y - a.y - share * dy);
}
