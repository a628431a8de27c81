import { expect, it } from 'vitest';

import { groupDigits, metres, percent } from './numbers';

it('groups thousands with a thin space in Polish, four digits too', () => {
  expect(groupDigits(18000, 'pl')).toBe('18\u202f000');
  expect(groupDigits(4500, 'pl')).toBe('4\u202f500');
  expect(groupDigits(340, 'pl')).toBe('340');
  expect(groupDigits(18000, 'en')).toBe('18,000');
});

it('writes per cent with a space in Polish and nothing where there is no whole', () => {
  expect(percent(231, 340, 'pl')).toBe('68\u00a0%');
  expect(percent(231, 340, 'en')).toBe('68%');
  expect(percent(0, 0, 'pl')).toBeNull();
});

it('says short lengths in tens of metres and long ones in kilometres', () => {
  expect(metres(637, 'pl')).toBe('640\u00a0m');
  expect(metres(996, 'pl')).toBe('1,0\u00a0km');
  expect(metres(2040, 'en')).toBe('2.0\u00a0km');
});
