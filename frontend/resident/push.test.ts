import { describe, expect, test } from 'vitest';

import { readPush } from './push';

const ours = {
  v: '1',
  alert_ref: 'chorzow-2026-1',
  message_id: '7',
  delivery_id: '7.1.3',
  kind: 'woda',
  severity: 'important',
  lang: 'pl',
  title: 'Brak wody',
  body: 'Do 18:00.',
};

describe('readPush', () => {
  test('takes version 1 as it is', () => {
    expect(readPush(ours)).toEqual(ours);
  });
  test.each([
    ['nothing', undefined],
    ['another version', { ...ours, v: '2' }],
    ['a field that is missing', { ...ours, delivery_id: undefined }],
    ['a field that is no text', { ...ours, title: 3 }],
  ])('refuses %s', (_what, data) => {
    expect(readPush(data)).toBeNull();
  });
});
