import { en } from './en';
import type { Message, Names } from './messages';
import { groupDigits } from './numbers';
import { pl } from './pl';

export type Lang = 'pl' | 'en';
type Reference = typeof pl;
export type Key = keyof Reference;
type Params<K extends Key> = [Names<Reference[K]>] extends [never]
  ? []
  : [values: Readonly<Record<Names<Reference[K]>, string | number>>];

const CATALOGUES = { pl, en } as const;

/** The page's language, as the server or the app's own shell set it on <html>. */
export function currentLang(): Lang {
  return document.documentElement.lang.startsWith('en') ? 'en' : 'pl';
}

/** The text of `key` in the page's language; numbers are grouped as the language writes them. */
export function t<K extends Key>(key: K, ...params: Params<K>): string {
  const lang = currentLang();
  const values: Readonly<Record<string, string | number>> = params[0] ?? {};
  return fill(chooseForm(CATALOGUES[lang][key], values.n, lang), values, lang);
}

function chooseForm(message: Message, n: string | number | undefined, lang: Lang): string {
  if (typeof message === 'string') return message;
  if (typeof n !== 'number') return message.other;
  return message[new Intl.PluralRules(lang).select(n)] ?? message.other;
}

function fill(text: string, values: Readonly<Record<string, string | number>>, lang: Lang): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? groupDigits(value, lang) : value;
  });
}
