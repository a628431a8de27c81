/** Columns of an address that people write; the others are numbers of registers. */
const ADDRESS = ['number', 'street_name', 'postcode'];

export interface Attr {
  readonly key: string;
  readonly text: string;
}

/** The attributes of a feature that a form shows, as text. */
export function attrsOf(kind: string, attrs: Readonly<Record<string, unknown>>): Attr[] {
  const keys = kind === 'address' ? ADDRESS : Object.keys(attrs).sort();
  return keys.map((key) => ({ key, text: textOf(attrs[key]) }));
}

/** The attributes with what the form has now; a number stays one, what was left empty stays nothing. */
export function withTexts(attrs: Readonly<Record<string, unknown>>, texts: readonly Attr[]): Record<string, unknown> {
  const changed = texts.filter(({ key, text }) => text !== textOf(attrs[key]));
  return { ...attrs, ...Object.fromEntries(changed.map(({ key, text }) => [key, valueOf(text, attrs[key])])) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function valueOf(text: string, before: unknown): unknown {
  const number = Number(text.replace(',', '.'));
  if (typeof before === 'number' && text.trim() !== '' && Number.isFinite(number)) return number;
  if (typeof before === 'boolean' && ['true', 'false'].includes(text)) return text === 'true';
  return text;
}
