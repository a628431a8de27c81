import type { Api } from '../../shared/api/client';
import type { Schemas } from '../../shared/api/types';
import type { FindingShapes } from '../../shared/map/finding-map';
import type { IconName } from '../../shared/ui/Icon.svelte';

export type Report = Schemas['Report'];
export type Group = Schemas['Group'];
export type Finding = Schemas['FindingRow'];
export type Findings = Schemas['Findings'];
export type Level = Group['level'];

/** Every level has a sign of its own beside its colour and its word. */
export const ICONS: Readonly<Record<Level, IconName>> = { blocking: 'stop', warning: 'ostrzezenie', note: 'info' };
const LEVELS = Object.keys(ICONS) as Level[];

/** The groups under their levels, worst first; levels without any are left out. */
export function byLevel(groups: readonly Group[]): { level: Level; groups: Group[] }[] {
  return LEVELS.map((level) => ({ level, groups: groups.filter((group) => group.level === level) })).filter(
    (some) => some.groups.length > 0,
  );
}

/** What stands between the edition and publishing it. */
export function verdict({ groups, blocking, unacknowledged }: Report): 'nothing' | 'blocked' | 'open' | 'settled' {
  if (groups.length === 0) return 'nothing';
  if (blocking.length > 0) return 'blocked';
  return unacknowledged.length > 0 ? 'open' : 'settled';
}

export function reportApi(api: Api, gmina: string, edition: number) {
  const root = `/gminas/${gmina}/editions/${edition}`;
  return {
    report: () => api.call<Report>('GET', `${root}/report`),
    accept: (code: string) => api.call<Report>('POST', `${root}/report/acknowledge`, { body: { codes: [code] } }),
    cases: (code: string, after: number) =>
      api.call<Findings>('GET', `${root}/findings?${new URLSearchParams({ code, after: String(after) }).toString()}`),
    shapes: (id: number) => api.call<FindingShapes>('GET', `${root}/findings/${id}`),
  };
}
