import { describe, expect, it } from 'vitest';

import { blanksLeft, filled, isFilledWith, refilled, type Template } from './templates';

const WATER: Template = {
  id: 7,
  title: 'Awaria wody',
  kind: 'woda',
  category: 'awaria',
  severity: 'important',
  approved: true,
  blanks: ['ulica', 'godzina'],
  texts: { pl: { title: 'Brak wody: {{ulica}}', body: 'Do {{ godzina }}. Ulica: {{ulica}}.', instruction: '' } },
};
const VALUES = { ulica: 'Główna', godzina: '18:00' };

describe('a template', () => {
  it('is filled wherever the blank stands', () => {
    expect(filled(WATER, VALUES).pl).toEqual({ title: 'Brak wody: Główna', body: 'Do 18:00. Ulica: Główna.', instruction: '' });
  });
  it('keeps the blanks that have no value, and names them once', () => {
    const texts = filled(WATER, { godzina: ' ' });
    expect(texts.pl.body).toBe('Do {{ godzina }}. Ulica: {{ulica}}.');
    expect(blanksLeft(texts)).toEqual(['ulica', 'godzina']);
    expect(blanksLeft(filled(WATER, VALUES))).toEqual([]);
  });
  it('takes a value as letters, whatever they are', () => {
    const ulica = '$& $1 .* {{godzina}}';
    expect(filled(WATER, { ulica }).pl.title).toBe(`Brak wody: ${ulica}`);
  });
});

describe('another value', () => {
  it('fills the whole template anew', () => {
    const texts = filled(WATER, VALUES);
    expect(refilled(WATER, VALUES, { ...VALUES, ulica: 'Krótka' }, texts).pl.body).toBe('Do 18:00. Ulica: Krótka.');
  });
  it('leaves what was changed by hand as it is', () => {
    const texts = filled(WATER, { ulica: 'Główna' });
    const changed = { ...texts, pl: { ...texts.pl, title: 'Nie ma wody' } };
    expect(refilled(WATER, { ulica: 'Główna' }, VALUES, changed).pl).toEqual({
      title: 'Nie ma wody',
      body: 'Do 18:00. Ulica: Główna.',
      instruction: '',
    });
  });
});

it('a word by hand makes it another text', () => {
  const texts = filled(WATER, VALUES);
  expect(isFilledWith(WATER, VALUES, texts)).toBe(true);
  expect(isFilledWith(WATER, VALUES, { ...texts, pl: { ...texts.pl, instruction: 'Beczkowóz.' } })).toBe(false);
});
