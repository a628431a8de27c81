import { expect, it } from 'vitest';

import type { TreeLocality, TreeStreet } from './api';
import { wire, type Part } from './parts';
import { branches, partOfTreeStreet, stateOf, streetsIn } from './tree';

const people = { count: 5, masked: false, below: null };
const glowna: TreeStreet = { fid: 7, simc: '0938887', ulic: '06012', label: 'ul. Główna', addresses: null, people };
const nowa: TreeStreet = { fid: null, simc: '0938887', ulic: '00001', label: 'ul. Nowa', addresses: 2, people };
const town: TreeLocality = { simc: '0938887', name: 'Miasto', rm: '96', parent_simc: '', people, streets: [glowna, nowa] };
const part: TreeLocality = { ...town, simc: '0938953', name: 'Stare Miasto', parent_simc: '0938887', streets: [] };
const village: TreeLocality = { ...town, simc: '0938901', name: 'Kowale', rm: '01', streets: [] };

it('hangs the parts of a locality under it', () => {
  const found = branches([village, town, part]);
  expect(found.map((one) => one.locality.name)).toEqual(['Kowale', 'Miasto']);
  expect(found[1]?.inner.map((one) => one.name)).toEqual(['Stare Miasto']);
});

it('leaves a part alone whose locality is not there', () => {
  expect(branches([part]).map((one) => one.locality.name)).toEqual(['Stare Miasto']);
});

it('says whether all, some or nothing of a locality is chosen', () => {
  const [branch] = branches([town]);
  if (!branch) throw new Error('no branch');
  const whole: Part = { kind: 'gmina', label: '', hint: '', bbox: null };
  expect(stateOf(branch, [])).toBe('none');
  expect(stateOf(branch, [partOfTreeStreet(nowa, 'Miasto')])).toBe('some');
  expect(stateOf(branch, [branch.part])).toBe('all');
  expect(stateOf(branch, [whole])).toBe('all');
  expect(streetsIn(branch)).toHaveLength(3);
});

it('aims at a street without a line by its code, and passes house numbers on', () => {
  expect(wire(partOfTreeStreet(nowa, 'Miasto'))).toEqual({ kind: 'street', simc: '0938887', ulic: '00001' });
  const numbered = { ...partOfTreeStreet(glowna, 'Miasto'), numbers: ' 1–5 ' } as Part;
  expect(wire(numbered)).toEqual({ kind: 'feature', fid: 7, reach: 'addresses', numbers: '1–5' });
});
