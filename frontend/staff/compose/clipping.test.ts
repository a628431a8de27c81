import type { Polygon } from 'geojson';
import { describe, expect, it } from 'vitest';

import { ApiError } from '../../shared/errors';
import { clipped, clippingOf } from './clipping';
import type { DrawnPart, Part } from './parts';

function box(west: number, east: number): Polygon {
  return { type: 'Polygon', coordinates: [[[west, 50], [east, 50], [east, 51], [west, 51], [west, 50]]] };
}
const drawn: DrawnPart = { kind: 'drawn', geometry: box(0, 4), reach_m: 0, label: 'Narysowany obszar 1', hint: '', bbox: [0, 50, 4, 51] };
const street: Part = {
  kind: 'feature', fid: 7, aim: 'street', locality: 'Kowale', reach: 'addresses', reach_m: 50, numbers: '', label: 'ul. Główna', hint: '', bbox: null,
};

function refusal(clip: Polygon[], field = 'parts.1', code = 'drawn_outside') {
  return new ApiError(422, code, 'Przytnij.', field, { outside: box(3, 4), clip, outside_share: 0.25 });
}

describe('a shape refused for what lies outside the gmina', () => {
  it('is found among the parts, with what lies outside', () => {
    const found = clippingOf(refusal([box(0, 3)]), [street, drawn]);
    expect(found).toEqual({ part: drawn, outside: box(3, 4), clip: [box(0, 3)], share: 0.25 });
  });
  it('is not sought for another refusal, nor where the part is gone or no shape', () => {
    expect(clippingOf(refusal([], 'parts.1', 'self_crossing'), [street, drawn])).toBeNull();
    expect(clippingOf(refusal([]), [street])).toBeNull();
    expect(clippingOf(refusal([], 'parts.0'), [street, drawn])).toBeNull();
    expect(clippingOf(refusal([], 'parts'), [drawn])).toBeNull();
  });
  it('gives its place, name and reach to what is left of it', () => {
    const clipping = { part: drawn, outside: box(3, 4), clip: [box(0, 3)], share: 0.25 };
    expect(clipped([drawn, street], clipping)).toEqual([{ ...drawn, geometry: box(0, 3), bbox: [0, 50, 3, 51] }, street]);
  });
  it('leaves several parts, told apart by number, where the border cuts it', () => {
    const clipping = { part: drawn, outside: box(1, 2), clip: [box(0, 1), box(2, 4)], share: 0.25 };
    const labels = clipped([street, drawn], clipping).map(({ label }) => label);
    expect(labels).toEqual(['ul. Główna', 'Narysowany obszar 1, część 1', 'Narysowany obszar 1, część 2']);
  });
});
