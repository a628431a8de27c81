/** Pure geometry of the progress chart: values to pixels, no drawing. */

export interface Moment {
  /** Seconds since the message was frozen. */
  readonly t_s: number;
  readonly accepted: number;
  readonly received: number;
  readonly opened: number;
}
export type Series = 'accepted' | 'received' | 'opened';
export const SERIES: readonly Series[] = ['accepted', 'received', 'opened'];

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}
export interface Scale {
  x(t_s: number): number;
  y(value: number): number;
}

/** The time axis ends at the first of these that holds all moments, in seconds. */
const SPANS_S = [60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400, 172_800];

export function spanOf(timeline: readonly Moment[]): number {
  const last = timeline.at(-1)?.t_s ?? 0;
  return SPANS_S.find((span) => span >= last) ?? last;
}

export function scaleOf(frame: Frame, span_s: number, top: number): Scale {
  const [width, height] = [frame.width - frame.left - frame.right, frame.height - frame.top - frame.bottom];
  return {
    x: (t_s) => frame.left + (width * t_s) / span_s,
    y: (value) => frame.top + height * (1 - value / Math.max(top, 1)),
  };
}

/** An SVG path from 0 at the start; flat from the last moment to the end of the axis. */
export function pathOf(timeline: readonly Moment[], series: Series, scale: Scale, until_s: number): string {
  const points = [{ t_s: 0, value: 0 }, ...timeline.map((moment) => ({ t_s: moment.t_s, value: moment[series] }))];
  const last = points.at(-1);
  if (last && last.t_s < until_s) points.push({ t_s: until_s, value: last.value });
  return points.map(({ t_s, value }, i) => `${i === 0 ? 'M' : 'L'}${round(scale.x(t_s))} ${round(scale.y(value))}`).join('');
}

/** Whole values for the horizontal lines: 0, the middle, the top. */
export function ticksOf(top: number): number[] {
  return [...new Set([0, Math.round(top / 2), top])];
}

/** Heights of labels moved apart so that none covers another; `gap` in pixels, from the top down. */
export function apart(heights: readonly number[], gap: number): number[] {
  const order = heights.map((height, i) => ({ height, i })).sort((a, b) => a.height - b.height || a.i - b.i);
  const placed = [...heights];
  let lowest = Number.NEGATIVE_INFINITY;
  for (const { height, i } of order) {
    lowest = Math.max(height, lowest + gap);
    placed[i] = lowest;
  }
  return placed;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The same figures as a file for a spreadsheet: semicolons, as Polish ones expect. */
export function csvOf(timeline: readonly Moment[], heads: readonly string[]): string {
  const rows = timeline.map(({ t_s, accepted, received, opened }) => [t_s, accepted, received, opened].join(';'));
  return [heads.join(';'), ...rows].join('\r\n');
}
