import { describe, expect, it } from 'vitest';

import { emptyDraft, faultsOf, isWorthKeeping, payloadBytes, stepOf, wireDraft, type Draft } from './draft';
import type { FeaturePart } from './parts';

const NOW = new Date('2026-11-24T12:00:00Z');
const GLOWNA: FeaturePart = {
  kind: 'feature',
  fid: 5,
  label: 'ul. Główna',
  hint: '',
  bbox: null,
  aim: 'street',
  locality: 'Kowale',
  reach: 'addresses',
  reach_m: 50,
  numbers: '',
};

function whole(): Draft {
  const draft = emptyDraft(NOW);
  draft.parts = [GLOWNA];
  draft.kind = 'woda';
  draft.pl = { title: 'Brak wody', body: 'Do 18:00 nie ma wody.', instruction: '' };
  return draft;
}

describe('a new draft', () => {
  it('is valid for a day and not worth keeping', () => {
    const draft = emptyDraft(NOW);
    expect(draft.expires).toBe('2026-11-25T13:00');
    expect(isWorthKeeping(draft)).toBe(false);
  });
  it('is worth keeping once a street is chosen or a word written', () => {
    expect(isWorthKeeping({ ...emptyDraft(NOW), parts: [GLOWNA] })).toBe(true);
    expect(isWorthKeeping({ ...emptyDraft(NOW), pl: { title: 'B', body: '', instruction: '' } })).toBe(true);
  });
  it('lacks who, what kind and the texts', () => {
    expect(faultsOf(emptyDraft(NOW), NOW)).toEqual(['who', 'kind', 'title', 'body']);
  });
});

describe('a whole draft', () => {
  it('lacks nothing', () => {
    expect(faultsOf(whole(), NOW)).toEqual([]);
  });
  it('goes out in UTC, without an empty second language', () => {
    const wired = wireDraft({ ...whole(), ends: '2026-11-24T18:00' });
    expect(wired).toMatchObject({
      parts: [{ kind: 'feature', fid: 5, reach: 'addresses' }],
      event_ends_at: '2026-11-24T17:00:00.000Z',
      expires_at: '2026-11-25T12:00:00.000Z',
    });
    expect(Object.keys(wired?.texts ?? {})).toEqual(['pl']);
  });
  it('cannot be kept by the server before its kind is chosen', () => {
    expect(wireDraft({ ...whole(), kind: null })).toBeNull();
  });
});

describe('times', () => {
  it.each([
    [{ ends: '2027-03-28T02:30' }, 'ends_no_time'],
    [{ expires: '' }, 'expires_no_time'],
    [{ expires: '2026-11-24T12:59' }, 'expires_past'],
    [{ ends: '2026-11-26T10:00' }, 'expires_before_end'],
  ])('%o: %s, on the third step', (times, fault) => {
    const faults = faultsOf({ ...whole(), ...times }, NOW);
    expect(faults).toEqual([fault]);
    expect(faults.map(stepOf)).toEqual([3]);
  });
});

it('a blank that nobody filled is a fault of the second step', () => {
  const faults = faultsOf({ ...whole(), pl: { title: 'Brak wody: {{ulica}}', body: 'x', instruction: '' } }, NOW);
  expect(faults).toEqual(['blanks']);
  expect(faults.map(stepOf)).toEqual([2]);
});

it('a half-written English text is a fault of the second step', () => {
  const faults = faultsOf({ ...whole(), en: { title: 'No water', body: '', instruction: '' } }, NOW);
  expect(faults.map(stepOf)).toEqual([2]);
});

it('counts Polish letters as two bytes, the title and the start of the text twice', () => {
  expect(payloadBytes(400, { title: 'ąę', body: 'abc', instruction: '' })).toBe(400 + 8 + 3 + 3);
  expect(payloadBytes(0, { title: '', body: 'a'.repeat(200), instruction: '' })).toBe(200 + 170);
});
