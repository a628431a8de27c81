import { describe, expect, it } from 'vitest';

import { fullName, includes, keyOf, replaced, toggled, wire, without, type FeaturePart, type GminaPart } from './parts';

const street = (fid: number): FeaturePart => ({
  kind: 'feature',
  fid,
  label: `ul. ${fid}`,
  hint: '',
  bbox: null,
  aim: 'street',
  locality: 'Kowale',
  reach: 'addresses',
  reach_m: 50,
  numbers: '',
});
const whole: GminaPart = { kind: 'gmina', label: 'Całe miasto', hint: '', bbox: null };

describe('choosing', () => {
  it('adds several and takes away what is chosen again', () => {
    const both = toggled(toggled([], street(1)), street(2));
    expect(both.map(keyOf)).toEqual(['f1', 'f2']);
    expect(toggled(both, street(1)).map(keyOf)).toEqual(['f2']);
  });

  it('knows a street by its fid whatever its reach', () => {
    const wide: FeaturePart = { ...street(1), reach: 'metres', reach_m: 100 };
    expect(includes([wide], street(1))).toBe(true);
    expect(toggled([wide], street(1))).toEqual([]);
  });

  it('of the whole gmina replaces the rest, and any other choice replaces it', () => {
    expect(toggled([street(1), street(2)], whole)).toEqual([whole]);
    expect(toggled([whole], street(1)).map(keyOf)).toEqual(['f1']);
  });

  it('changes one part in its place', () => {
    const wide: FeaturePart = { ...street(1), reach: 'metres', reach_m: 100 };
    expect(replaced([street(1), street(2)], 'f1', wide)).toEqual([wide, street(2)]);
    expect(without([street(1), street(2)], 'f2')).toEqual([street(1)]);
  });
});

describe('a name that stands alone', () => {
  it('tells streets of one name apart by village, in a town needs none', () => {
    expect(fullName({ ...street(1), label: 'ul. Główna' }, false)).toBe('ul. Główna, Kowale');
    expect(fullName({ ...street(1), label: 'ul. Główna' }, true)).toBe('ul. Główna');
    expect(fullName(whole, false)).toBe('Całe miasto');
  });
});

describe('on the wire', () => {
  it('a street says its addresses or metres, never both', () => {
    expect(wire(street(1))).toEqual({ kind: 'feature', fid: 1, reach: 'addresses' });
    expect(wire({ ...street(1), reach: 'metres' })).toEqual({ kind: 'feature', fid: 1, reach: 'metres', reach_m: 50 });
  });

  it('nothing of what only the panel shows is sent', () => {
    expect(wire(whole)).toEqual({ kind: 'gmina' });
    expect(wire({ kind: 'locality', simc: '0938887', include_parts: true, numbers: '', label: 'Kowale', hint: '', bbox: null })).toEqual({
      kind: 'locality',
      simc: '0938887',
      include_parts: true,
    });
  });
});
