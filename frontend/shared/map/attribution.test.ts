import { expect, it } from 'vitest';

import { attributionOf } from './attribution';

it('names each source once, in the order they come', () => {
  expect(attributionOf('adresy symulowane, © autorzy OpenStreetMap · © autorzy OpenStreetMap', 'mieszkańcy symulowani')).toBe(
    'adresy symulowane · © autorzy OpenStreetMap · mieszkańcy symulowani',
  );
});

it('is empty where no source is told', () => {
  expect(attributionOf('', '')).toBe('');
});
