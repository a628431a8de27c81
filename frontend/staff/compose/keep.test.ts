import { beforeEach, expect, it } from 'vitest';

import { emptyDraft } from './draft';
import { forget, keep, kept } from './keep';

const NOW = new Date('2026-11-24T12:00:00Z');

beforeEach(() => localStorage.clear());

it('a draft comes back as it was, with when it was kept', () => {
  const draft = { ...emptyDraft(NOW), kind: 'woda' };
  expect(keep(localStorage, 'chorzow', null, draft, NOW, '"7"')).toBe(true);
  expect(kept(localStorage, 'chorzow', null)).toEqual({ draft, at: NOW.toISOString(), etag: '"7"' });
});

it('drafts of two gminas and of two alerts stay apart', () => {
  keep(localStorage, 'chorzow', null, emptyDraft(NOW), NOW);
  expect(kept(localStorage, 'praszka', null)).toBeNull();
  expect(kept(localStorage, 'chorzow', 'chorzow-2026-1')).toBeNull();
});

it('what was forgotten is gone, what is broken counts as nothing', () => {
  keep(localStorage, 'chorzow', null, emptyDraft(NOW), NOW);
  forget(localStorage, 'chorzow', null);
  expect(kept(localStorage, 'chorzow', null)).toBeNull();
  localStorage.setItem('alert-draft:chorzow:new', '{"draft":');
  expect(kept(localStorage, 'chorzow', null)).toBeNull();
});

it('says so where the browser keeps nothing', () => {
  const full = { setItem: () => { throw new DOMException('full', 'QuotaExceededError'); } } as unknown as Storage;
  expect(keep(full, 'chorzow', null, emptyDraft(NOW), NOW)).toBe(false);
});
