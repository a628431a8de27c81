import { t } from '../../shared/i18n';
import type { MovesConfig, Text, Texts } from './moves.svelte';

/** One line of what people know now beside what they would be told. */
export interface Line {
  readonly name: string;
  readonly lang: string;
  readonly now: string;
  readonly next: string;
  readonly isChanged: boolean;
}
type Said = Pick<MovesConfig, 'texts' | 'event_ends_at' | 'expires_at'>;

const FIELDS = ['title', 'body', 'instruction'] as const;

/** Words in both languages, then times as `when` writes them; what neither says has no line. */
export function comparison(now: Said, next: Said, when: (instant: string | null) => string): Line[] {
  const words = (['pl', 'en'] as const).flatMap((lang) =>
    FIELDS.map((field) => line(t(lang === 'pl' ? `what.${field}` : `what.en_${field}`), lang, said(now.texts, lang, field), said(next.texts, lang, field))),
  );
  const times = [
    line(t('when.ends'), '', when(now.event_ends_at), when(next.event_ends_at)),
    line(t('when.expires'), '', when(now.expires_at), when(next.expires_at)),
  ];
  return [...words, ...times].filter((one) => one.now !== '' || one.next !== '');
}

function said(texts: Texts, lang: 'pl' | 'en', field: keyof Text): string {
  return texts[lang]?.[field] ?? '';
}

function line(name: string, lang: string, now: string, next: string): Line {
  return { name, lang, now, next, isChanged: now !== next };
}
