import { describe, expect, test } from 'vitest';

import { readPush } from './push';
import { readStaffPush } from './staff-push';

const ours = {
  v: '1',
  type: 'staff',
  kind: 'approval_wanted',
  gmina: 'chorzow',
  alert_ref: 'chorzow-2026-1',
  lang: 'pl',
  title: 'Alert czeka na Twoją decyzję',
  body: '„Brak wody” przekazano do zatwierdzenia.',
  link: 'https://alert.example/staff/chorzow/alerts/chorzow-2026-1/',
};

describe('readStaffPush', () => {
  test('takes version 1 as it is', () => {
    expect(readStaffPush(ours)).toEqual(ours);
  });
  test('is never taken for an alert', () => {
    expect(readPush(ours)).toBeNull();
  });
  test.each([
    ['nothing', undefined],
    ['another version', { ...ours, v: '2' }],
    ['another type', { ...ours, type: 'alert' }],
    ['a field that is missing', { ...ours, link: undefined }],
    ['a link that runs code', { ...ours, link: 'javascript:alert(1)' }],
  ])('refuses %s', (_what, data) => {
    expect(readStaffPush(data)).toBeNull();
  });
});
