import { describe, expect, it } from 'vitest';

import { comparison } from './comparison';

const said = {
  texts: { pl: { title: 'Brak wody', body: 'Do 18:00.', instruction: '' } },
  event_ends_at: '2026-11-24T17:00:00Z',
  expires_at: '2026-11-25T17:00:00Z',
};
const when = (instant: string | null) => instant ?? 'nie wiadomo';

describe('an update beside what people know', () => {
  it('marks what is different and leaves out what neither says', () => {
    const next = { ...said, texts: { pl: { ...said.texts.pl, body: 'Do 20:00.' } }, event_ends_at: null };
    const lines = comparison(said, next, when);
    expect(lines.map(({ now, next: then, isChanged }) => [now, then, isChanged])).toEqual([
      ['Brak wody', 'Brak wody', false],
      ['Do 18:00.', 'Do 20:00.', true],
      ['2026-11-24T17:00:00Z', 'nie wiadomo', true],
      ['2026-11-25T17:00:00Z', '2026-11-25T17:00:00Z', false],
    ]);
  });
  it('shows a language that comes or goes', () => {
    const both = { ...said, texts: { ...said.texts, en: { title: 'No water', body: 'Until 6 p.m.', instruction: '' } } };
    const gone = comparison(both, said, when).filter(({ lang }) => lang === 'en');
    expect(gone.map(({ now, next, isChanged }) => [now, next, isChanged])).toEqual([
      ['No water', '', true],
      ['Until 6 p.m.', '', true],
    ]);
  });
});
