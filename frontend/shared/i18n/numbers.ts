const THIN_SPACE = '\u202f';

/** "18 000" with a thin space; "4 500" too, unlike Intl's Polish default. */
export function groupDigits(value: number, lang: string): string {
  return new Intl.NumberFormat(lang, { useGrouping: 'always', maximumFractionDigits: 1 })
    .formatToParts(value)
    .map((part) => (part.type === 'group' && lang === 'pl' ? THIN_SPACE : part.value))
    .join('');
}

/** Share of a whole in whole per cent: "91 %" in Polish, "91%" in English; null without a whole. */
export function percent(part: number, whole: number, lang: string): string | null {
  if (whole <= 0) return null;
  const value = Math.round((100 * part) / whole);
  return lang === 'pl' ? `${value}\u00a0%` : `${value}%`;
}

/** A length as people say it: "640 m", "2,0 km". */
export function metres(length_m: number, lang: string): string {
  if (length_m < 995) return `${Math.round(length_m / 10) * 10}\u00a0m`;
  const km = new Intl.NumberFormat(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return `${km.format(length_m / 1000)}\u00a0km`;
}
