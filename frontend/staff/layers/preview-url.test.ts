import { expect, it } from 'vitest';

import { previewUrl } from './preview-url';

it('asks with the fields and without the token that would stand in the log', () => {
  const fields = new FormData();
  fields.append('csrfmiddlewaretoken', 'secret');
  fields.append('colour', '#aa0033');
  fields.append('title_pl', 'Strefy & obwody');
  expect(previewUrl('/p.json', fields)).toBe('/p.json?colour=%23aa0033&title_pl=Strefy+%26+obwody');
});
