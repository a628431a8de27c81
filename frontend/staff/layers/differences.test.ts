import { beforeEach, describe, expect, it } from 'vitest';

import { chips, differencesApi, movedBy } from './differences';

beforeEach(() => {
  document.documentElement.lang = 'pl';
});

describe('what the list can be narrowed to', () => {
  it('is everything, and each kind that there is', () => {
    const found = chips({ total: 5, counts: { renamed: 2, added: 3 }, conflicts: 0 });
    expect(found.map(({ kind, n }) => [kind, n])).toEqual([['', 5], ['added', 3], ['renamed', 2]]);
  });
  it('has the conflicts at its end', () => {
    const found = chips({ total: 1, counts: { moved: 1 }, conflicts: 1 });
    expect(found.map(({ kind }) => kind)).toEqual(['', 'moved', 'conflict']);
  });
});

describe('how far a shape moved', () => {
  it.each([
    [null, null],
    [0, 'ten sam przebieg, inne punkty'],
    [0.049, 'ten sam przebieg, inne punkty'],
    [0.26, 'przesunięcie do 0,3 m'],
    [12.4, 'przesunięcie do 12 m'],
    [1234.5, 'przesunięcie do 1\u202f235 m'],
  ])('%s m is told as %s', (hausdorff_m, words) => {
    expect(movedBy({ hausdorff_m })).toBe(words);
  });
});

describe('the question to the server', () => {
  it('names the kind, if there is one, and where to go on', async () => {
    const asked: string[] = [];
    const call = (_method: string, path: string) => {
      asked.push(path);
      return Promise.resolve({});
    };
    const ask = differencesApi({ call } as never, 'chorzow', 7);
    await ask('', 0);
    await ask('moved', 41);
    expect(asked).toEqual([
      '/gminas/chorzow/editions/7/differences?after=0',
      '/gminas/chorzow/editions/7/differences?kind=moved&after=41',
    ]);
  });
});
