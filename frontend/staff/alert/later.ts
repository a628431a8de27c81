const HOUR_MS = 3_600_000;
/** The choices of how much longer, in hours. */
export const HOURS = [1, 2, 4, 12, 24] as const;
export type Hours = (typeof HOURS)[number];

/** The new expected end: so many hours after the one people know, or from now where that is gone. */
export function laterBy(hours: number, endsAt: string | null, now: Date): Date {
  const base = Math.max(endsAt === null ? 0 : Date.parse(endsAt), floorToMinute(now));
  return new Date(base + hours * HOUR_MS);
}

function floorToMinute(moment: Date): number {
  return Math.floor(moment.getTime() / 60_000) * 60_000;
}
