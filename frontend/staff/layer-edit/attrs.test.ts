import { expect, it } from 'vitest';

import { attrsOf, withTexts } from './attrs';

it('shows of an address what people write', () => {
  const attrs = { number: '7', street_name: '', postcode: null, ulic: '00001', street_fid: 5 };
  expect(attrsOf('address', attrs)).toEqual([
    { key: 'number', text: '7' },
    { key: 'street_name', text: '' },
    { key: 'postcode', text: '' },
  ]);
});

it('keeps numbers numbers, and what nobody touched as it was', () => {
  const attrs = { ha: 1.5, lanes: 2, note: null, open: true };
  const texts = [
    { key: 'ha', text: '2,5' },
    { key: 'lanes', text: 'dwa' },
    { key: 'note', text: '' },
    { key: 'open', text: 'false' },
  ];
  expect(withTexts(attrs, texts)).toEqual({ ha: 2.5, lanes: 'dwa', note: null, open: false });
});
