import type { TreeLocality, TreeStreet } from './api';
import { keyOf, type LocalityPart, type Part } from './parts';

/** A locality that is no part of another, with the parts that go with it. */
export interface Branch {
  readonly locality: TreeLocality;
  readonly inner: readonly TreeLocality[];
  readonly part: LocalityPart;
}

/** The localities by name, each with its parts (SYMPOD); a part whose town isn't there stands alone. */
export function branches(rows: readonly TreeLocality[]): Branch[] {
  const whole = new Set(rows.filter((row) => row.parent_simc === '').map((row) => row.simc));
  return rows
    .filter((row) => row.parent_simc === '' || !whole.has(row.parent_simc))
    .map((locality) => ({
      locality,
      inner: rows.filter((row) => row.parent_simc === locality.simc && row.simc !== locality.simc),
      part: {
        kind: 'locality',
        simc: locality.simc,
        include_parts: true,
        numbers: '',
        label: locality.name,
        hint: '',
        bbox: null,
      },
    }));
}

export function partOfTreeStreet(street: TreeStreet, locality: string): Part {
  const named = { label: street.label, hint: locality, bbox: null };
  if (street.fid === null) return { ...named, kind: 'street', simc: street.simc, ulic: street.ulic, numbers: '' };
  return { ...named, kind: 'feature', fid: street.fid, aim: 'street', locality, reach: 'addresses', reach_m: 50, numbers: '' };
}

/** What choosing the whole locality makes needless: its own streets. */
export function streetsIn({ locality, part }: Branch): Part[] {
  return [part, ...locality.streets.map((street) => partOfTreeStreet(street, locality.name))];
}

/** Whether a locality is chosen, some of its streets are, or nothing of it is. */
export function stateOf(branch: Branch, chosen: readonly Part[]): 'all' | 'some' | 'none' {
  const keys = new Set(chosen.map(keyOf));
  if (keys.has(keyOf(branch.part)) || keys.has('g')) return 'all';
  return streetsIn(branch).some((part) => keys.has(keyOf(part))) ? 'some' : 'none';
}
