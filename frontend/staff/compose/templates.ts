// Templates with blanks {{name}}, filled as the officer types; the same reading as dispatch/message_templates.py.
import type { Schemas } from '../../shared/api/types';
import { emptyText, type Draft, type Text } from './draft';

export type Template = Schemas['Template'];
export type Values = Readonly<Record<string, string>>;
/** The template that a draft was written from, and what its blanks were given. */
export interface Used {
  readonly id: number;
  readonly values: Values;
}
type Texts = Pick<Draft, 'pl' | 'en'>;

const LANGS = ['pl', 'en'] as const;
const FIELDS = ['title', 'body', 'instruction'] as const;
const BLANK = /\{\{\s*([^{}\s](?:[^{}\n]{0,38}[^{}\s])?)\s*\}\}/g;
/** Characters that the server takes for one blank. */
export const VALUE_MAX = 80;

/** The template's texts with these values; a blank without one stays as it is. */
export function filled(template: Template, values: Values): Texts {
  const text = (lang: 'pl' | 'en') => mapText(template.texts[lang] ?? emptyText(), (part) => fill(part, values));
  return { pl: text('pl'), en: text('en') };
}

/** Names of the blanks that nobody has filled, each once. */
export function blanksLeft(texts: Texts): string[] {
  const parts = LANGS.flatMap((lang) => FIELDS.map((field) => texts[lang][field]));
  const names = parts.flatMap((part) => [...part.matchAll(BLANK)].map((match) => match[1] ?? ''));
  return [...new Set(names)];
}

/** Whether the texts are the template's with these values and nothing else. */
export function isFilledWith(template: Template, values: Values, texts: Texts): boolean {
  const own = filled(template, values);
  return LANGS.every((lang) => FIELDS.every((field) => own[lang][field] === texts[lang][field]));
}

/**
 * The texts after a blank was given another value. What the officer has changed by hand stays: there
 * only the blanks that are left are filled.
 */
export function refilled(template: Template, before: Values, after: Values, texts: Texts): Texts {
  if (isFilledWith(template, before, texts)) return filled(template, after);
  return { pl: mapText(texts.pl, (part) => fill(part, after)), en: mapText(texts.en, (part) => fill(part, after)) };
}

function fill(text: string, values: Values): string {
  return text.replace(BLANK, (blank, name: string) => values[name]?.trim() || blank);
}

function mapText(text: Text, change: (part: string) => string): Text {
  return { title: change(text.title), body: change(text.body), instruction: change(text.instruction) };
}
