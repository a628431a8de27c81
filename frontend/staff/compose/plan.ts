// When an alert goes out, as the officer chooses it, and as the API wants it (dispatch/plans.py).
import type { Schemas } from '../../shared/api/types';
import { instantsOf } from '../../shared/time';

export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
export type Weekday = (typeof WEEKDAYS)[number];
export type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY';
export type OnHoliday = Schemas['OnHolidayEnum'];
export type IfMissed = Schemas['IfMissedEnum'];

export interface Repeat {
  freq: Frequency;
  /** Every so many days, weeks or months. */
  every: number;
  days: Weekday[];
  /** Monthly: on the last day instead of that of the start. */
  lastDay: boolean;
  end: 'until' | 'count';
  /** A day, "2026-12-31"; included. */
  until: string;
  count: number;
  onHoliday: OnHoliday;
}
export interface Plan {
  when: 'now' | 'once' | 'series';
  /** Wall time in Warsaw. */
  start: string;
  /** Which of two equal hours in October; null: not said yet. */
  fold: 0 | 1 | null;
  ifMissed: IfMissed;
  repeat: Repeat;
  /** A rule that the composer has no fields for, kept as it is. */
  otherRule: string;
}
export type WirePlan = Required<Pick<Schemas['Plan'], 'send_wall' | 'send_fold' | 'if_missed' | 'rrule' | 'on_holiday'>>;
export type PlanFault = 'start_no_time' | 'start_which' | 'start_past' | 'repeat_days' | 'repeat_end';

export function emptyPlan(): Plan {
  return { when: 'now', start: '', fold: null, ifMissed: 'send_late', repeat: emptyRepeat(), otherRule: '' };
}

function emptyRepeat(): Repeat {
  return { freq: 'WEEKLY', every: 1, days: [], lastDay: false, end: 'count', until: '', count: 10, onHoliday: 'send' };
}

/** "MO" for a wall time on a Monday. */
export function weekdayOf(wall: string): Weekday {
  return WEEKDAYS[(new Date(`${wall.slice(0, 10)}T12:00:00Z`).getUTCDay() + 6) % 7] ?? 'MO';
}

export function ruleOf(repeat: Repeat): string {
  const parts = [`FREQ=${repeat.freq}`];
  if (repeat.every > 1) parts.push(`INTERVAL=${repeat.every}`);
  if (repeat.freq === 'WEEKLY') parts.push(`BYDAY=${WEEKDAYS.filter((day) => repeat.days.includes(day)).join(',')}`);
  if (repeat.freq === 'MONTHLY' && repeat.lastDay) parts.push('BYMONTHDAY=-1');
  parts.push(repeat.end === 'count' ? `COUNT=${repeat.count}` : `UNTIL=${repeat.until.replaceAll('-', '')}`);
  return parts.join(';');
}

/** The fields for a rule; null for one that they can't hold. */
export function repeatOf(rule: string, onHoliday: OnHoliday): Repeat | null {
  const part = Object.fromEntries(rule.split(';').map((pair) => pair.split('=') as [string, string]));
  const until = /^(\d{4})(\d{2})(\d{2})$/.exec(part.UNTIL ?? '');
  const repeat: Repeat = {
    ...emptyRepeat(),
    freq: (part.FREQ ?? 'DAILY') as Frequency,
    every: Number(part.INTERVAL ?? 1),
    days: (part.BYDAY?.split(',') ?? []) as Weekday[],
    lastDay: part.BYMONTHDAY === '-1',
    end: until ? 'until' : 'count',
    until: until ? until.slice(1).join('-') : '',
    count: Number(part.COUNT ?? 0),
    onHoliday,
  };
  return ruleOf(repeat) === rule ? repeat : null;
}

/** What the server keeps of it; null while it is not whole: the rest of the draft is kept all the same. */
export function wirePlan(plan: Plan, now: Date): WirePlan | null {
  if (plan.when === 'now') return { send_wall: '', send_fold: null, if_missed: plan.ifMissed, rrule: '', on_holiday: 'send' };
  if (faultsOfPlan(plan, now).some((fault) => fault !== 'start_past')) return null;
  const isSeries = plan.when === 'series';
  return {
    send_wall: plan.start,
    send_fold: plan.fold,
    if_missed: plan.ifMissed,
    rrule: isSeries ? plan.otherRule || ruleOf(plan.repeat) : '',
    on_holiday: isSeries ? plan.repeat.onHoliday : 'send',
  };
}

export function planOf(alert: Pick<Schemas['Alert'], 'send_wall' | 'send_fold' | 'if_missed' | 'rrule' | 'on_holiday'>): Plan {
  const blank = emptyPlan();
  if (alert.send_wall === '') return { ...blank, ifMissed: alert.if_missed };
  const repeat = alert.rrule === '' ? blank.repeat : repeatOf(alert.rrule, alert.on_holiday);
  return {
    when: alert.rrule === '' ? 'once' : 'series',
    start: alert.send_wall,
    fold: alert.send_fold === 1 ? 1 : 0,
    ifMissed: alert.if_missed,
    repeat: repeat ?? { ...blank.repeat, onHoliday: alert.on_holiday },
    otherRule: repeat ? '' : alert.rrule,
  };
}

/** When it first goes out, as far as that is said; null: at once, or not said yet. */
export function startOf(plan: Plan): Date | null {
  if (plan.when === 'now') return null;
  const found = instantsOf(plan.start);
  return found[found.length === 2 ? (plan.fold ?? 0) : 0] ?? null;
}

export function faultsOfPlan(plan: Plan, now: Date): PlanFault[] {
  if (plan.when === 'now') return [];
  const faults: PlanFault[] = [];
  const found = instantsOf(plan.start);
  const start = startOf(plan);
  if (plan.when === 'once') {
    if (found.length === 0) faults.push('start_no_time');
    else if (found.length === 2 && plan.fold === null) faults.push('start_which');
    else if (start && start <= now) faults.push('start_past');
  } else if (plan.start === '' || Number.isNaN(Date.parse(`${plan.start}Z`))) {
    faults.push('start_no_time');
  }
  return plan.when === 'series' && plan.otherRule === '' ? [...faults, ...faultsOfRepeat(plan)] : faults;
}

function faultsOfRepeat({ repeat, start }: Plan): PlanFault[] {
  if (repeat.freq === 'WEEKLY' && repeat.days.length === 0) return ['repeat_days'];
  const isCounted = Number.isInteger(repeat.count) && repeat.count > 0;
  const isEnding = repeat.end === 'count' ? isCounted : repeat.until >= start.slice(0, 10);
  return isEnding && Number.isInteger(repeat.every) && repeat.every > 0 ? [] : ['repeat_end'];
}
