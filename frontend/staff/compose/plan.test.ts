import { describe, expect, it } from 'vitest';

import { neighboursOf } from '../../shared/time';
import { emptyDraft, faultsOf, startAt, startNow, stepOf, wireDraft, type Draft } from './draft';
import { emptyPlan, faultsOfPlan, planOf, repeatOf, ruleOf, weekdayOf, wirePlan, type Plan, type Repeat } from './plan';

const NOW = new Date('2026-11-24T12:00:00Z');
const LOST = '2027-03-28T02:30';
const DOUBLE = '2027-10-31T02:30';

const once = (start: string, fold: Plan['fold'] = null): Plan => ({ ...emptyPlan(), when: 'once', start, fold });
const repeat = (change: Partial<Repeat>): Repeat => ({ ...emptyPlan().repeat, ...change });
const series = (change: Partial<Repeat>, start = '2026-11-30T07:00'): Plan => ({
  ...emptyPlan(),
  when: 'series',
  start,
  repeat: repeat(change),
});
const stored = (rrule: string) =>
  ({ send_wall: '2026-11-30T07:00', send_fold: 0, if_missed: 'drop', rrule, on_holiday: 'next' }) as const;

describe('a rule', () => {
  it.each([
    [{ freq: 'DAILY', count: 3 }, 'FREQ=DAILY;COUNT=3'],
    [{ freq: 'WEEKLY', every: 2, days: ['TH', 'MO'], count: 5 }, 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=5'],
    [{ freq: 'MONTHLY', lastDay: true, end: 'until', until: '2027-06-30' }, 'FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20270630'],
  ] as const)('%o is %s, and back', (change, rule) => {
    const wanted = repeat({ ...change, days: 'days' in change ? [...change.days] : [] });
    expect(ruleOf(wanted)).toBe(rule);
    const back = repeatOf(rule, 'send');
    expect(back && ruleOf(back)).toBe(rule);
  });
  it.each(['FREQ=MONTHLY;BYDAY=-1FR;COUNT=3', 'FREQ=YEARLY;BYMONTH=5;COUNT=2', 'FREQ=DAILY;UNTIL=20270101T060000Z'])(
    '%s has no fields',
    (rule) => {
      expect(repeatOf(rule, 'send')).toBeNull();
      expect(planOf(stored(rule))).toMatchObject({ when: 'series', otherRule: rule });
    },
  );
  it('that has no fields stays as it is until it is set anew', () => {
    const plan = planOf(stored('FREQ=MONTHLY;BYDAY=-1FR;COUNT=3'));
    expect(wirePlan(plan, NOW)).toMatchObject({ rrule: 'FREQ=MONTHLY;BYDAY=-1FR;COUNT=3', on_holiday: 'next' });
  });
});

describe('a plan', () => {
  it('is none unless one is made', () => {
    expect(wirePlan(emptyPlan(), NOW)).toMatchObject({ send_wall: '', rrule: '' });
    expect(faultsOfPlan(emptyPlan(), NOW)).toEqual([]);
  });
  it('comes back from the server as it was', () => {
    const plan = planOf(stored('FREQ=WEEKLY;BYDAY=MO;COUNT=4'));
    expect(wirePlan(plan, NOW)).toEqual({ ...stored('FREQ=WEEKLY;BYDAY=MO;COUNT=4'), send_fold: 0 });
  });
  it.each([
    [once(LOST), ['start_no_time']],
    [once(''), ['start_no_time']],
    [once(DOUBLE), ['start_which']],
    [once(DOUBLE, 1), []],
    [once('2026-11-24T12:59'), ['start_past']],
    [series({ days: [] }), ['repeat_days']],
    [series({ days: ['MO'], count: 0 }), ['repeat_end']],
    [series({ days: ['MO'], end: 'until', until: '2026-11-29' }), ['repeat_end']],
    [series({ days: ['MO'], every: 0 }), ['repeat_end']],
    // A series goes at the next minute there is, and begins with its next date.
    [series({ freq: 'DAILY' }, LOST), []],
    [series({ freq: 'DAILY' }, '2026-01-01T07:00'), []],
  ])('%o lacks %o, on the third step', (plan, faults) => {
    expect(faultsOfPlan(plan, NOW)).toEqual(faults);
    expect(faults.map((fault) => stepOf(fault as never))).toEqual(faults.map(() => 3));
  });
  it('that is not whole leaves the server what it had', () => {
    expect(wirePlan(once(DOUBLE), NOW)).toBeNull();
    const draft: Draft = { ...emptyDraft(NOW), kind: 'woda', plan: once(DOUBLE) };
    expect(wireDraft(draft, NOW)).not.toHaveProperty('send_wall');
  });
});

describe('a later start', () => {
  const draft = (): Draft => ({ ...emptyDraft(NOW), plan: once('2026-11-25T08:00'), ends: '2026-11-25T12:00', expires: '2026-11-25T20:00' });

  it('takes the end and the expiry along', () => {
    const moved = draft();
    startAt(moved, '2026-11-27T09:00');
    expect([moved.ends, moved.expires]).toEqual(['2026-11-27T13:00', '2026-11-27T21:00']);
  });
  it('that is the first has a day of validity', () => {
    const first = { ...draft(), plan: { ...once(''), start: '' }, ends: '' };
    startAt(first, '2026-12-01T08:00');
    expect(first.expires).toBe('2026-12-02T08:00');
  });
  it('that is given up for "at once" brings them back', () => {
    const now = { ...draft(), expires: '2027-03-28T20:00', ends: '', plan: once('2027-03-28T08:00') };
    startNow(now, NOW);
    expect([now.plan.when, now.plan.start, now.ends]).toEqual(['now', '', '']);
    expect(now.expires).toBe('2026-11-25T01:00');
  });
  it.each([
    [{ expires: '2026-11-25T08:00', ends: '' }, 'expires_before_start'],
    [{ ends: '2026-11-25T08:00' }, 'ends_before_start'],
  ])('%o: %s', (times, fault) => {
    expect(faultsOf({ ...draft(), ...times }, NOW)).toContain(fault);
  });
});

describe('the lost hour', () => {
  it.each(['2027-03-28T02:00', LOST, '2027-03-28T02:59'])('%s has its neighbours', (wall) => {
    expect(neighboursOf(wall)).toEqual({ before: '2027-03-28T01:59', after: '2027-03-28T03:00' });
  });
  it.each(['2027-03-28T01:59', '2027-03-28T03:00', DOUBLE, '', '2027-02-30T02:30'])('%s is none', (wall) => {
    expect(neighboursOf(wall)).toBeNull();
  });
});

it('knows the day of the week of a wall time', () => {
  expect([weekdayOf('2026-11-30T23:30'), weekdayOf('2026-11-29T00:10')]).toEqual(['MO', 'SU']);
});
