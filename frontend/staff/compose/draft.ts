import { instantsOf, wallTime } from '../../shared/time';
import type { Severity } from './api';
import type { Part } from './parts';
import { emptyPlan, faultsOfPlan, startOf, wirePlan, type Plan, type PlanFault, type WirePlan } from './plan';
import { wire, type WirePart } from './parts';
import { blanksLeft, type Used } from './templates';

export interface Text {
  title: string;
  body: string;
  instruction: string;
}
/** What the officer has filled in, as the browser keeps it. Times are wall times in Warsaw. */
export interface Draft {
  parts: Part[];
  kind: string | null;
  severity: Severity;
  pl: Text;
  en: Text;
  plan: Plan;
  ends: string;
  expires: string;
  template: Used | null;
  isDrill: boolean;
}
export interface WireDraft extends Partial<WirePlan> {
  parts: WirePart[];
  kind: string;
  severity: Severity;
  texts: Record<string, Text>;
  event_ends_at: string | null;
  expires_at: string;
  template: number | null;
  is_drill: boolean;
}

const VALID_H = 24;

export function emptyDraft(now: Date): Draft {
  return {
    parts: [],
    kind: null,
    severity: 'important',
    pl: emptyText(),
    en: emptyText(),
    plan: emptyPlan(),
    ends: '',
    isDrill: false,
    expires: wallTime(new Date(now.getTime() + VALID_H * 3_600_000)),
    template: null,
  };
}

export function emptyText(): Text {
  return { title: '', body: '', instruction: '' };
}

export function hasText(text: Text): boolean {
  return [text.title, text.body, text.instruction].some((part) => part.trim() !== '');
}

/** Whether losing it would lose somebody's work. */
export function isWorthKeeping(draft: Draft): boolean {
  return draft.parts.length > 0 || hasText(draft.pl) || hasText(draft.en);
}

/** What the server keeps as a draft; null while it lacks what every draft there has (a kind, an expiry). */
export function wireDraft(draft: Draft, now = new Date()): WireDraft | null {
  const expires = instantsOf(draft.expires)[0];
  if (draft.kind === null || !expires) return null;
  return {
    parts: draft.parts.map(wire),
    kind: draft.kind,
    severity: draft.severity,
    texts: { pl: draft.pl, ...(hasText(draft.en) ? { en: draft.en } : {}) },
    ...wirePlan(draft.plan, now),
    event_ends_at: instantsOf(draft.ends)[0]?.toISOString() ?? null,
    expires_at: expires.toISOString(),
    template: draft.template?.id ?? null,
    is_drill: draft.isDrill,
  };
}

export type Fault =
  | 'who'
  | 'kind'
  | 'title'
  | 'body'
  | 'en'
  | PlanFault
  | 'blanks'
  | 'ends_no_time'
  | 'ends_before_start'
  | 'expires_no_time'
  | 'expires_past'
  | 'expires_before_start'
  | 'expires_before_end';

/** What is still to be filled in or put right before it can be submitted, in the order of the steps. */
export function faultsOf(draft: Draft, now: Date): Fault[] {
  const faults: Fault[] = [];
  if (draft.parts.length === 0) faults.push('who');
  if (draft.kind === null) faults.push('kind');
  if (draft.pl.title.trim() === '') faults.push('title');
  if (draft.pl.body.trim() === '') faults.push('body');
  if (hasText(draft.en) && (draft.en.title.trim() === '' || draft.en.body.trim() === '')) faults.push('en');
  if (blanksLeft(draft).length > 0) faults.push('blanks');
  return [...faults, ...faultsOfPlan(draft.plan, now), ...faultsOfTimes(draft, now)];
}

function faultsOfTimes(draft: Draft, now: Date): Fault[] {
  const [ends, expires] = [instantsOf(draft.ends)[0], instantsOf(draft.expires)[0]];
  if (draft.ends !== '' && !ends) return ['ends_no_time'];
  if (!expires) return ['expires_no_time'];
  if (expires <= now) return ['expires_past'];
  const start = startOf(draft.plan);
  if (start && expires <= start) return ['expires_before_start'];
  if (start && ends && ends <= start) return ['ends_before_start'];
  return ends && expires < ends ? ['expires_before_end'] : [];
}

const WORDS: ReadonlySet<Fault> = new Set(['kind', 'title', 'body', 'en', 'blanks']);

/** The step on which a fault is put right. */
export function stepOf(fault: Fault): 1 | 2 | 3 {
  if (fault === 'who') return 1;
  return WORDS.has(fault) ? 2 : 3;
}

/** Bytes that a push message takes: iOS carries the title and the start of the text twice. */
export function payloadBytes(overhead: number, text: Text): number {
  const bytes = (part: string) => new TextEncoder().encode(part).length;
  return overhead + 2 * bytes(text.title) + bytes(text.body) + bytes(text.body.slice(0, LEAD_CHARS));
}

/** As in dispatch/payload.py. */
const LEAD_CHARS = 170;

/** Lets the times that follow the start keep after it: else a later start would make them wrong. */
export function startAt(draft: Draft, start: string): void {
  const before = startOf(draft.plan);
  draft.plan.start = start;
  draft.plan.fold = null;
  const after = startOf(draft.plan);
  if (after === null) return;
  const moved = after.getTime() - (before ?? after).getTime();
  draft.ends = later(draft.ends, moved);
  draft.expires = later(draft.expires, moved);
  const expires = instantsOf(draft.expires)[0];
  if (!expires || expires <= after) draft.expires = wallTime(new Date(after.getTime() + VALID_H * 3_600_000));
}

/** Back to sending at once: the times that follow the start come back with it. */
export function startNow(draft: Draft, now: Date): void {
  const before = startOf(draft.plan);
  draft.plan.when = 'now';
  draft.plan.start = '';
  draft.plan.fold = null;
  if (before === null) return;
  draft.ends = later(draft.ends, now.getTime() - before.getTime());
  draft.expires = later(draft.expires, now.getTime() - before.getTime());
}

function later(wall: string, by_ms: number): string {
  const instant = instantsOf(wall)[0];
  return instant ? wallTime(new Date(instant.getTime() + by_ms)) : wall;
}
