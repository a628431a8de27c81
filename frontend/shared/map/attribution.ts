/** Sources of a map, each named once: layers of one source repeat it. */
export function attributionOf(...texts: readonly string[]): string {
  const sources = texts.flatMap((text) => text.split(/\s*[·,]\s*/)).filter((source) => source !== '');
  return [...new Set(sources)].join(' · ');
}
