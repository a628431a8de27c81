import { describe, expect, it } from 'vitest';

import { differenceLayers, isSeen, sideOf } from './difference-style';

const COLOURS = { same: '#1', added: '#2', removed: '#3', moved: '#4', kept: '#5', casing: '#6', label: '#7' };

describe('what a view shows', () => {
  it.each([
    ['before', ['same', 'before']],
    ['after', ['same', 'after']],
    ['both', ['same', 'before', 'after']],
  ] as const)('%s: %s', (view, seen) => {
    expect((['same', 'before', 'after'] as const).filter((side) => isSeen(side, view))).toEqual(seen);
  });
});

describe('the layers of the differences', () => {
  const layers = differenceLayers(COLOURS);
  it('say by their id which side they are of', () => {
    expect(new Set(layers.map(({ id }) => sideOf(id)))).toEqual(new Set(['same', 'before', 'after']));
    const shapes = layers.filter((layer) => layer.type !== 'symbol');
    for (const layer of shapes) expect('source-layer' in layer && layer['source-layer']).toBe(sideOf(layer.id));
  });
  it('draw old lines dashed and new ones whole, new above old', () => {
    const lines = layers.filter((layer) => layer.type === 'line');
    expect(lines.map((line) => [sideOf(line.id), 'line-dasharray' in (line.paint ?? {})])).toEqual([
      ['same', false],
      ['before', true],
      ['after', false],
    ]);
  });
});
