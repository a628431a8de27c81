/** Where the form's fields, as they are now, are answered with a style; what only POST needs is left out. */
export function previewUrl(address: string, fields: FormData): string {
  const query = new URLSearchParams();
  for (const [name, value] of fields) {
    if (typeof value === 'string' && name !== 'csrfmiddlewaretoken') query.append(name, value);
  }
  return `${address}?${query.toString()}`;
}
