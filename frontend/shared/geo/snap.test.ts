import { expect, it } from 'vitest';

import type { LonLat } from './lon-lat';
import { snapped } from './snap';

const LINE: LonLat[] = [[19, 50], [19, 50.01], [19.02, 50.01]];

it('takes the vertex in reach, though a side is nearer', () => {
  expect(snapped([19.0001, 50.0098], [LINE], { reach: 0.0005 })).toEqual([19, 50.01]);
});

it('takes the foot on the nearest side where no vertex is in reach', () => {
  const [lon, lat] = snapped([19.0001, 50.005], [LINE], { reach: 0.0005 }) ?? [0, 0];
  expect(lon).toBeCloseTo(19, 9);
  expect(lat).toBeCloseTo(50.005, 9);
});

it('counts degrees of longitude for what they are so far north', () => {
  expect(snapped([19.0007, 50.005], [LINE], { reach: 0.0005 })).not.toBeNull();
  expect(snapped([19.001, 50.005], [LINE], { reach: 0.0005 })).toBeNull();
});

it('draws nothing back to where it came from, nor to the sides that meet there', () => {
  expect(snapped([19.0001, 50.0099], [LINE], { reach: 0.0005, except: [19, 50.01] })).toBeNull();
});
