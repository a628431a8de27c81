import { beforeEach, describe, expect, it } from 'vitest';

import { places, shownEffects } from './effects';

beforeEach(() => {
  document.documentElement.lang = 'pl';
});

const NONE = { count: 0, below: null };
const FEW = { count: null, below: 20 };
const MANY = { count: 1340, below: null };

describe('whom an edition concerns', () => {
  it('is told by street first', () => {
    const rows = shownEffects({ effects: { gmina: NONE, lost: FEW, street: MANY } });
    expect(rows.map(({ what }) => what)).toEqual(['street', 'lost', 'gmina']);
  });
  it('does not mention a loss that is none', () => {
    expect(shownEffects({ effects: { street: NONE, lost: NONE } })).toEqual([{ what: 'street', told: NONE }]);
  });
  it('is a round figure, a bound, or nobody', () => {
    expect([MANY, FEW, NONE].map(places)).toEqual(['około 1\u202f340', 'mniej niż 20', '0']);
  });
});
