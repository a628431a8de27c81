import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';

/** Name of the source, and the layers of its tiles (gis_layers/sql/difference_tile.sql). */
export const DIFFERENCES = 'differences';
export type Side = 'same' | 'before' | 'after';
/** From the lowest to the highest. */
const SIDES: readonly Side[] = ['same', 'before', 'after'];
/** Which state of the layer is looked at: the one before, the one after, or both at once. */
export type View = 'before' | 'after' | 'both';
/** Unchanged lines begin here; farther out the published ones are drawn (difference_tiles.py). */
export const LINE_ZOOM = 12;

export interface DifferenceColours {
  readonly same: string;
  readonly added: string;
  readonly removed: string;
  readonly moved: string;
  readonly kept: string;
  readonly casing: string;
  readonly label: string;
}

export function differenceColours(root: Element = document.documentElement): DifferenceColours {
  const style = getComputedStyle(root);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    same: token('--line-strong'),
    added: token('--clear'),
    removed: token('--warning'),
    moved: token('--failure'),
    kept: token('--event'),
    casing: token('--surface'),
    label: token('--map-label'),
  };
}

/** Whether a side is drawn in a view. */
export function isSeen(side: Side, view: View): boolean {
  return side === 'same' || view === 'both' || side === view;
}

/** Old shapes are dashed, new ones whole: the colour is not the only sign. */
export function differenceLayers(colours: DifferenceColours): LayerSpecification[] {
  return [
    ...side('same', colours, colours.same),
    ...side('before', colours, byKind(colours)),
    ...side('after', colours, byKind(colours)),
    ...names(colours),
  ];
}

export function sideOf(layerId: string): Side {
  return layerId.split(':')[1] as Side;
}

function byKind({ added, removed, moved, kept }: DifferenceColours): ExpressionSpecification {
  return ['match', ['get', 'what'], 'added', added, 'removed', removed, 'moved', moved, kept];
}

const is = (type: string): ExpressionSpecification => ['==', ['geometry-type'], type];
const isArea = is('Polygon');

function side(name: Side, { casing }: DifferenceColours, colour: string | ExpressionSpecification): LayerSpecification[] {
  const common = { source: DIFFERENCES, 'source-layer': name };
  const dash = name === 'before' ? { 'line-dasharray': [2, 1.5] } : {};
  const width: ExpressionSpecification = ['case', isArea, 2.5, 4];
  return [
    {
      ...common,
      id: `differences:${name}:fill`,
      type: 'fill',
      filter: isArea,
      paint: { 'fill-color': colour, 'fill-opacity': name === 'same' ? 0.04 : 0.18 },
    },
    {
      ...common,
      id: `differences:${name}:line`,
      type: 'line',
      filter: ['!', is('Point')],
      layout: { 'line-join': 'round', ...(name === 'before' ? {} : { 'line-cap': 'round' as const }) },
      paint: { 'line-color': colour, 'line-width': name === 'same' ? 1 : width, ...dash },
    },
    {
      ...common,
      id: `differences:${name}:point`,
      type: 'circle',
      filter: is('Point'),
      paint: {
        'circle-radius': name === 'same' ? 3 : 6,
        'circle-color': name === 'before' ? casing : colour,
        'circle-stroke-color': name === 'before' ? colour : casing,
        'circle-stroke-width': 2,
      },
    },
  ];
}

/** Names along lines, and in areas at a point of the server's choice: one an area. */
function names({ label, casing }: DifferenceColours): LayerSpecification[] {
  const text = { 'text-field': ['get', 'name'] as ExpressionSpecification, 'text-font': ['Map Sans'], 'text-size': 14 };
  const common = {
    type: 'symbol' as const,
    source: DIFFERENCES,
    paint: { 'text-color': label, 'text-halo-color': casing, 'text-halo-width': 2 },
  };
  return SIDES.flatMap((name) => [
    {
      ...common,
      id: `differences:${name}:along`,
      'source-layer': name,
      minzoom: LINE_ZOOM,
      filter: is('LineString'),
      layout: { ...text, 'symbol-placement': 'line' as const },
    },
    {
      ...common,
      id: `differences:${name}:inside`,
      'source-layer': 'label',
      filter: ['==', ['get', 'side'], name] as ExpressionSpecification,
      layout: { ...text, 'text-max-width': 8, 'symbol-sort-key': SIDES.indexOf(name) },
    },
  ]);
}
