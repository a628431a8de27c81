import type { LayerSpecification } from 'maplibre-gl';
import { expect, it } from 'vitest';

import type { MapColours } from './colours';
import { hitLayer, namesBut, styleOf } from './style';
import type { Tileset } from './tileset';

const of = (id: string, type: 'fill' | 'line' | 'circle', slug: string): LayerSpecification => ({
  id,
  type,
  source: 'gmina',
  'source-layer': slug,
});
const NAME: LayerSpecification = {
  id: 'ulice:name',
  type: 'symbol',
  source: 'gmina',
  'source-layer': 'ulice',
  filter: ['>=', ['zoom'], 13],
  layout: { 'symbol-placement': 'line' },
};
const TILESET: Tileset = {
  tiles: ['https://example.org/{z}/{x}/{y}.mvt'],
  minzoom: 8,
  maxzoom: 16,
  bounds: [18, 50, 19, 51],
  attribution: '<b>GUS</b>',
  styleUrl: '',
  vector_layers: [
    { id: 'osiedla', kind: 'district', geometry_type: 'polygon' },
    { id: 'ulice', kind: 'street', geometry_type: 'line' },
    { id: 'hydranty', kind: 'custom', geometry_type: 'point' },
  ],
  look: [
    { id: 'outside', type: 'background' },
    of('osiedla:fill', 'fill', 'osiedla'),
    of('ulice:line', 'line', 'ulice'),
    of('hydranty:point', 'circle', 'hydranty'),
    NAME,
  ],
};
const COLOURS: MapColours = { land: '#fff', label: '#000', edge: '#777', selected: '#0a0', casing: '#fff', hover: '#00f', refused: '#f00' };
const ids = () => styleOf(TILESET, COLOURS).layers.map(({ id }) => id);

it('puts what is meant of areas under the lines, of lines and points above, and names above all', () => {
  const order = [
    'osiedla:fill',
    hitLayer('osiedla'),
    'ulice:line',
    'hydranty:point',
    hitLayer('ulice'),
    hitLayer('hydranty'),
    'drawn-fill',
    'ulice:name',
    'place-names',
  ];
  expect(ids().filter((id) => order.includes(id))).toEqual(order);
});

it('keeps every layer of the look', () => {
  expect(ids()).toEqual(expect.arrayContaining(TILESET.look.map(({ id }) => id)));
});

it('draws a map of areas only, where nothing divides what is beneath from what is above', () => {
  const bare = { ...TILESET, look: TILESET.look.slice(0, 2) };
  const order = styleOf(bare, COLOURS).layers.map(({ id }) => id);
  expect(order.slice(0, 3)).toEqual(['outside', 'osiedla:fill', hitLayer('osiedla')]);
});

it('takes names from lines beside the filter that they have', () => {
  expect(namesBut(TILESET.look, 'ulice', [7])).toEqual(['all', ['>=', ['zoom'], 13], ['!', ['in', ['id'], ['literal', [7]]]]]);
  expect(namesBut(TILESET.look, 'osiedla', [7])).toBeNull();
});

it('shows sources as text', () => {
  expect(JSON.stringify(styleOf(TILESET, COLOURS).sources)).toContain('&lt;b&gt;GUS');
});
