/** Letters as a keyboard without Polish signs types them: "Źródlana" → "zrodlana". */
export function fold(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('ł', 'l')
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '');
}
