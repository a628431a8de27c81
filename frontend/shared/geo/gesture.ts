import type { LonLat } from './lon-lat';

/** What was done to one path by hand: a point moved, put into a side, or taken out. */
export type Gesture =
  | { readonly kind: 'move'; readonly start: LonLat; readonly end: LonLat }
  | { readonly kind: 'insert'; readonly side: readonly [LonLat, LonLat]; readonly end: LonLat }
  | { readonly kind: 'remove'; readonly at: LonLat };

/** The one act that turned a path into another; null where it was none, or more than one. */
export function gestureOf(before: readonly LonLat[], after: readonly LonLat[]): Gesture | null {
  const [old, now] = [opened(before), opened(after)];
  const shorter = Math.min(old.length, now.length);
  let head = 0;
  while (head < shorter && same(old[head], now[head])) head += 1;
  let tail = 0;
  while (tail < shorter - head && same(old[old.length - 1 - tail], now[now.length - 1 - tail])) tail += 1;
  const [gone, come] = [old.slice(head, old.length - tail), now.slice(head, now.length - tail)];
  if (gone.length > 1 || come.length > 1) return null;
  const [[start], [end]] = [gone, come];
  if (start && end) return { kind: 'move', start, end };
  if (start) return { kind: 'remove', at: start };
  const [from, to] = [old[head - 1] ?? old.at(-1), old[head] ?? old[0]];
  return end && from && to ? { kind: 'insert', side: [from, to], end } : null;
}

/** A ring without the repetition of its first point. */
export function opened(path: readonly LonLat[]): readonly LonLat[] {
  return path.length > 1 && same(path[0], path.at(-1)) ? path.slice(0, -1) : path;
}

export function same(a: LonLat | undefined, b: LonLat | undefined): boolean {
  return a?.[0] === b?.[0] && a?.[1] === b?.[1];
}
