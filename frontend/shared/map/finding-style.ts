import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';

import type { DifferenceColours } from './difference-style';

export const FINDING = 'finding';
/** What a shape of a finding is (gis_layers/report_view.py), from the lowest to the highest. */
const ROLES = ['feature', 'before', 'after', 'problem'] as const;
export type Role = (typeof ROLES)[number];
export type FindingView = 'before' | 'after';

export function rolesSeen(view: FindingView): readonly Role[] {
  return ROLES.filter((role) => role === view || role === 'feature' || role === 'problem');
}

export function roleOf(layerId: string): Role {
  return layerId.split(':')[1] as Role;
}

/** What was invalid is dashed, the trouble itself heaviest: the colour is not the only sign. */
export function findingLayers({ kept, moved, added, removed, casing }: DifferenceColours): LayerSpecification[] {
  return [
    ...shape('feature', kept, 2, 0.08, casing),
    ...shape('before', moved, 3, 0.16, casing, [2, 1.5]),
    ...shape('after', added, 3, 0.16, casing),
    ...shape('problem', removed, 4, 0.45, casing),
  ];
}

const is = (type: string): ExpressionSpecification => ['==', ['geometry-type'], type];

function shape(role: Role, colour: string, width: number, opacity: number, casing: string, dash?: number[]): LayerSpecification[] {
  const of = (...more: ExpressionSpecification[]): ExpressionSpecification => ['all', ['==', ['get', 'role'], role], ...more];
  return [
    {
      id: `${FINDING}:${role}:fill`,
      type: 'fill',
      source: FINDING,
      filter: of(is('Polygon')),
      paint: { 'fill-color': colour, 'fill-opacity': opacity },
    },
    {
      id: `${FINDING}:${role}:line`,
      type: 'line',
      source: FINDING,
      filter: of(['!', is('Point')]),
      layout: { 'line-join': 'round', ...(dash ? {} : { 'line-cap': 'round' as const }) },
      paint: { 'line-color': colour, 'line-width': width, ...(dash ? { 'line-dasharray': dash } : {}) },
    },
    {
      id: `${FINDING}:${role}:point`,
      type: 'circle',
      source: FINDING,
      filter: of(is('Point')),
      paint: { 'circle-radius': 8, 'circle-color': colour, 'circle-stroke-color': casing, 'circle-stroke-width': 2 },
    },
  ];
}
