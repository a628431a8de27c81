import { describe, expect, it } from 'vitest';

import { findingLayers, roleOf, rolesSeen } from './finding-style';

const COLOURS = { same: '#1', added: '#2', removed: '#3', moved: '#4', kept: '#5', casing: '#6', label: '#7' };

describe('a finding on the map', () => {
  it('shows a repaired shape as it was or as it is, never both', () => {
    expect(rolesSeen('before')).toEqual(['feature', 'before', 'problem']);
    expect(rolesSeen('after')).toEqual(['feature', 'after', 'problem']);
  });

  it('draws the trouble above everything else', () => {
    const roles = findingLayers(COLOURS).map(({ id }) => roleOf(id));
    expect([...new Set(roles)]).toEqual(['feature', 'before', 'after', 'problem']);
  });

  it('tells what was from what is by more than the colour', () => {
    const dashed = findingLayers(COLOURS).filter((layer) => layer.type === 'line' && layer.paint?.['line-dasharray']);
    expect(dashed.map(({ id }) => roleOf(id))).toEqual(['before']);
  });
});
