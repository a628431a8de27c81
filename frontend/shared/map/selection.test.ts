import { expect, it } from 'vitest';

import { MapSelection, type StateMap } from './selection';
import type { Tileset } from './tileset';

const TILESET: Tileset = {
  tiles: [],
  minzoom: 8,
  maxzoom: 16,
  bounds: [18, 50, 19, 51],
  attribution: '',
  styleUrl: '',
  look: [],
  vector_layers: [
    { id: 'granica', kind: 'teryt_unit', geometry_type: 'polygon' },
    { id: 'ulice', kind: 'street', geometry_type: 'line' },
    { id: 'osiedla', kind: 'district', geometry_type: 'polygon' },
    { id: 'adresy', kind: 'address', geometry_type: 'point' },
  ],
};

function fakeMap() {
  const calls: string[] = [];
  const map: StateMap = {
    setFeatureState: ({ sourceLayer, id }, { selected, reach }: Record<string, unknown>) => {
      calls.push(`${String(sourceLayer)}/${String(id)} ${String(selected)} ${String(reach)}`);
      return undefined as never;
    },
  };
  return { map, calls };
}

it('marks a feature in every layer that can be chosen from, and in no other', () => {
  const { map, calls } = fakeMap();
  new MapSelection(map, TILESET).show([{ fid: 7, reach: 0 }]);
  expect(calls).toEqual(['ulice/7 true 0', 'osiedla/7 true 0']);
});

it('touches only what changed', () => {
  const { map, calls } = fakeMap();
  const selection = new MapSelection(map, TILESET);
  selection.show([{ fid: 7, reach: 0 }, { fid: 8, reach: 0 }]);
  calls.length = 0;
  selection.show([{ fid: 8, reach: 0 }, { fid: 9, reach: 0.5 }]);
  expect(calls).toEqual(['ulice/7 false 0', 'osiedla/7 false 0', 'ulice/9 true 0.5', 'osiedla/9 true 0.5']);
});

it('marks all again after the style forgot them', () => {
  const { map, calls } = fakeMap();
  const selection = new MapSelection(map, TILESET);
  selection.show([{ fid: 7, reach: 0.25 }]);
  calls.length = 0;
  selection.showAgain();
  expect(calls).toEqual(['ulice/7 true 0.25', 'osiedla/7 true 0.25']);
});
