import { expect, it } from 'vitest';

import { fold } from './fold';

it('folds every Polish letter', () => {
  expect(fold('Zażółć GĘŚLĄ jaźń')).toBe('zazolc gesla jazn');
});
