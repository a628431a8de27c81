import { afterEach, describe, expect, it } from 'vitest';

import { t } from './index';
import { en } from './en';
import type { Message } from './messages';
import { pl } from './pl';

const CATALOGUES: Record<string, Record<string, Message>> = { pl, en };

function forms(message: Message): string[] {
  return typeof message === 'string' ? [message] : Object.values(message);
}

function names(message: Message | undefined): string[] {
  const found = forms(message ?? '').flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''));
  return [...new Set(found)].filter((name) => name !== 'n').sort();
}

describe.each(Object.entries(CATALOGUES))('the catalogue %s', (lang, catalogue) => {
  it('has every plural form of its language', () => {
    const wanted = new Intl.PluralRules(lang).resolvedOptions().pluralCategories;
    for (const [key, message] of Object.entries(catalogue)) {
      if (typeof message !== 'string') expect.soft(Object.keys(message).sort(), key).toEqual([...wanted].sort());
    }
  });

  it('has something to say for every key, with the values of the Polish text', () => {
    for (const [key, message] of Object.entries(pl)) {
      expect.soft(forms(catalogue[key] ?? '').every((form) => form !== ''), key).toBe(true);
      expect.soft(names(catalogue[key]), key).toEqual(names(message));
    }
  });
});

describe('a text', () => {
  afterEach(() => {
    document.documentElement.lang = 'pl';
  });

  it.each([
    [1, '1 ulica'],
    [2, '2 ulice'],
    [5, '5 ulic'],
    [22, '22 ulice'],
    [112, '112 ulic'],
    [1000, '1\u202f000 ulic'],
  ])('in Polish counts %i as “%s”', (n, text) => {
    document.documentElement.lang = 'pl';
    expect(t('foot.streets', { n })).toBe(text);
  });

  it('follows the language of the page', () => {
    document.documentElement.lang = 'en';
    expect(t('foot.streets', { n: 1 })).toBe('1 street');
    expect(t('foot.streets', { n: 0 })).toBe('0 streets');
  });

  it('says how many people after a preposition', () => {
    document.documentElement.lang = 'pl';
    expect(t('foot.send', { people: t('count.people', { n: 340 }) })).toBe('Wyślij do 340 osób');
    expect(t('foot.send', { people: t('count.people', { n: 1 }) })).toBe('Wyślij do 1 osoby');
  });
});
