const ZONE = 'Europe/Warsaw';
const DAY_MS = 86_400_000;

const PARTS = new Intl.DateTimeFormat('en-CA', {
  timeZone: ZONE,
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
});

/** Wall time in Warsaw as an input of type datetime-local takes it: "2026-11-24T18:00". */
export function wallTime(instant: Date): string {
  const part = Object.fromEntries(PARTS.formatToParts(instant).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
}

/**
 * The instants that a clock in Warsaw shows `wall` at, earliest first: one as a rule, none in the
 * hour skipped in March, two in the hour repeated in October. Empty too for what is no time at all.
 */
export function instantsOf(wall: string): Date[] {
  const asIfUtc = Date.parse(`${wall}Z`);
  if (Number.isNaN(asIfUtc)) return [];
  return [2, 1]
    .map((offset_h) => new Date(asIfUtc - offset_h * 3_600_000))
    .filter((instant) => wallTime(instant) === wall.slice(0, 16));
}

/**
 * For a time that the clocks skip in March: the last minute before and the first after it; null for
 * any other. In Warsaw they skip the hour from 2:00.
 */
export function neighboursOf(wall: string): { before: string; after: string } | null {
  const hour = Date.parse(`${wall.slice(0, 13)}:00Z`);
  if (Number.isNaN(hour) || instantsOf(wall).length > 0) return null;
  const change = hour - 3_600_000;
  const [before, after] = [wallTime(new Date(change - 60_000)), wallTime(new Date(change))];
  // What is no time at all, as 30 February, has none.
  return before.slice(0, 10) === wall.slice(0, 10) ? { before, after } : null;
}

/** `count` days in Warsaw from that of `now` on, as "2026-11-24". */
export function daysFrom(now: Date, count: number): string[] {
  // Noon in UTC is the same day in Warsaw, whatever the clocks do in between.
  const noon = Date.parse(`${wallTime(now).slice(0, 10)}T12:00:00Z`);
  return Array.from({ length: count }, (_, i) => new Date(noon + i * DAY_MS).toISOString().slice(0, 10));
}

/** "dziś, 24 listopada", "jutro, 25 listopada", "czwartek, 26 listopada". */
export function dayText(day: string, now: Date, lang: string): string {
  const noon = new Date(`${day}T12:00:00Z`);
  const distance = daysFrom(now, 2).indexOf(day);
  const date = new Intl.DateTimeFormat(lang, { timeZone: ZONE, day: 'numeric', month: 'long' }).format(noon);
  const name =
    distance >= 0
      ? new Intl.RelativeTimeFormat(lang, { numeric: 'auto' }).format(distance, 'day')
      : new Intl.DateTimeFormat(lang, { timeZone: ZONE, weekday: 'long' }).format(noon);
  return `${name}, ${date}`;
}

/** "18:00" today, "24 listopada, 18:00" on other days; Warsaw time. */
export function momentText(instant: Date, now: Date, lang: string): string {
  const time = new Intl.DateTimeFormat(lang, { timeZone: ZONE, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const text = time.format(instant);
  if (wallTime(instant).slice(0, 10) === wallTime(now).slice(0, 10)) return text;
  const day = new Intl.DateTimeFormat(lang, { timeZone: ZONE, day: 'numeric', month: 'long' });
  return `${day.format(instant)}, ${text}`;
}
