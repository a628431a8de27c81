import { describe, expect, it } from 'vitest';

import { byLevel, verdict, type Group } from './report';

const group = (code: Group['code'], level: Group['level']): Group => ({
  code,
  level,
  headline: code,
  count: 1,
  kept: 1,
  known: 0,
  needs_acceptance: level === 'warning',
  accepted_by: '',
  accepted_at: null,
});

describe('a report', () => {
  it('has the worst first and no empty level', () => {
    const some = byLevel([group('overlap', 'warning'), group('code_twice', 'blocking'), group('gap', 'warning')]);
    expect(some.map(({ level, groups }) => [level, groups.length])).toEqual([
      ['blocking', 1],
      ['warning', 2],
    ]);
  });

  it('is blocked as long as one finding blocks, whatever was accepted', () => {
    const groups = [group('code_twice', 'blocking'), group('overlap', 'warning')];
    expect(verdict({ groups, blocking: ['code_twice'], unacknowledged: [] })).toBe('blocked');
  });

  it('is open until every warning is accepted', () => {
    const groups = [group('overlap', 'warning')];
    expect(verdict({ groups, blocking: [], unacknowledged: ['overlap'] })).toBe('open');
    expect(verdict({ groups, blocking: [], unacknowledged: [] })).toBe('settled');
  });

  it('of nothing found says so', () => {
    expect(verdict({ groups: [], blocking: [], unacknowledged: [] })).toBe('nothing');
  });
});
