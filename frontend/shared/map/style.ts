import type {
  DataDrivenPropertyValueSpecification,
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  StyleSpecification,
  SymbolLayerSpecification,
} from 'maplibre-gl';

import type { MapColours } from './colours';
import { selectable, type MapLayer, type Tileset } from './tileset';

export const SOURCE = 'gmina';
export const DRAWN = 'drawn';
export const OUTSIDE = 'outside-shape';
export const PLACES = 'places';
/** How near a click has to be: half of this, in pixels. */
export const HIT_WIDTH_PX = 22;
// shared/ui/font.css
const FONT = ['Map Sans'];

/**
 * The map as the server's style has it (gis_layers/map_style.py), with what can be chosen, hovered and
 * drawn woven in. Drawn shapes and names of places are put in later.
 */
export function styleOf(tileset: Tileset, colours: MapColours): StyleSpecification {
  return {
    version: 8,
    sources: {
      [SOURCE]: {
        type: 'vector',
        tiles: [...tileset.tiles],
        minzoom: tileset.minzoom,
        maxzoom: tileset.maxzoom,
        bounds: [...tileset.bounds],
        attribution: escapeHtml(tileset.attribution),
      },
      [DRAWN]: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
      [OUTSIDE]: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
      [PLACES]: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
    },
    layers: weave(tileset, colours),
  };
}

/** States of areas lie beneath the lines, those of lines and points above; names above all. */
function weave(tileset: Tileset, colours: MapColours): LayerSpecification[] {
  const { look } = tileset;
  const shapes = look.filter((part) => part.type !== 'symbol');
  const firstLine = shapes.findIndex((part) => part.type === 'line');
  const beneath = firstLine < 0 ? shapes.length : firstLine;
  const of = (type: MapLayer['geometry_type']) => selectable(tileset).filter((layer) => layer.geometry_type === type);
  return [
    ...shapes.slice(0, beneath),
    ...of('polygon').map((layer) => areaFill(layer, colours)),
    ...shapes.slice(beneath),
    ...of('polygon').flatMap((layer) => areaEdges(layer, colours)),
    ...of('line').flatMap((layer) => lineStates(layer, colours)),
    ...of('point').map((layer) => pointStates(layer, colours)),
    ...drawn(colours),
    ...outside(colours),
    ...look.filter((part) => part.type === 'symbol').map(tagged),
    ...places(colours),
  ];
}

const state = (name: string): ExpressionSpecification => ['boolean', ['feature-state', name], false];
const when = (name: string, then: number, otherwise: ExpressionSpecification | number): ExpressionSpecification => [
  'case',
  state(name),
  then,
  otherwise,
];
/** What a click can hit, what is under the pointer, what is chosen: driven by feature-state. */
function lineStates(layer: MapLayer, colours: MapColours): LayerSpecification[] {
  const common = {
    type: 'line' as const,
    source: SOURCE,
    'source-layer': layer.id,
    layout: { 'line-cap': 'round' as const, 'line-join': 'round' as const },
  };
  return [
    {
      ...common,
      id: `${layer.id}:reach`,
      paint: {
        'line-color': colours.selected,
        'line-opacity': when('selected', 0.18, 0),
        'line-width': widthOfMetres(['number', ['feature-state', 'reach'], 0]),
      },
    },
    {
      ...common,
      id: `${layer.id}:casing`,
      paint: { 'line-color': colours.casing, 'line-width': 12, 'line-opacity': when('selected', 1, 0) },
    },
    {
      ...common,
      id: `${layer.id}:selected`,
      paint: { 'line-color': colours.selected, 'line-width': 7, 'line-opacity': when('selected', 1, 0) },
    },
    {
      ...common,
      id: `${layer.id}:hover`,
      paint: { 'line-color': colours.hover, 'line-width': 5, 'line-opacity': when('selected', 0, when('hover', 0.85, 0)) },
    },
    {
      ...common,
      id: hitLayer(layer.id),
      paint: { 'line-color': colours.hover, 'line-width': HIT_WIDTH_PX, 'line-opacity': 0 },
    },
  ];
}

export function hitLayer(slug: string): string {
  return `${slug}:hit`;
}

function areaFill(layer: MapLayer, colours: MapColours): LayerSpecification {
  return {
    id: hitLayer(layer.id),
    type: 'fill',
    source: SOURCE,
    'source-layer': layer.id,
    paint: {
      'fill-color': ['case', state('selected'), colours.selected, colours.hover],
      'fill-opacity': when('selected', 0.28, when('hover', 0.12, 0)),
    },
  };
}

function areaEdges(layer: MapLayer, colours: MapColours): LayerSpecification[] {
  const common = { type: 'line' as const, source: SOURCE, 'source-layer': layer.id };
  return [
    {
      ...common,
      id: boundaryLayer(layer.id),
      layout: { visibility: 'none' },
      paint: { 'line-color': colours.edge, 'line-width': 1.2 },
    },
    {
      ...common,
      id: `${layer.id}:selected`,
      paint: { 'line-color': colours.selected, 'line-width': 3, 'line-opacity': when('selected', 1, 0) },
    },
  ];
}

/** Shown only while its layer is the one that clicks choose from. */
export function boundaryLayer(slug: string): string {
  return `${slug}:boundary`;
}

/** A point is drawn by its look; this is what a click hits, and the point when it is meant. */
function pointStates(layer: MapLayer, colours: MapColours): LayerSpecification {
  const shown = when('selected', 1, when('hover', 1, 0));
  return {
    id: hitLayer(layer.id),
    type: 'circle',
    source: SOURCE,
    'source-layer': layer.id,
    paint: {
      'circle-radius': 9,
      'circle-color': ['case', state('selected'), colours.selected, colours.hover],
      'circle-opacity': shown,
      'circle-stroke-color': colours.casing,
      'circle-stroke-width': 2,
      'circle-stroke-opacity': shown,
    },
  };
}

/** Shapes of the area that are no features: drawn ones, and villages as points. `reach` as in `corridor`. */
function drawn(colours: MapColours): LayerSpecification[] {
  const isPolygon: ExpressionSpecification = ['==', ['geometry-type'], 'Polygon'];
  const isLine: ExpressionSpecification = ['==', ['geometry-type'], 'LineString'];
  const isPoint: ExpressionSpecification = ['==', ['geometry-type'], 'Point'];
  const reach: ExpressionSpecification = ['number', ['get', 'reach'], 0];
  return [
    {
      id: 'drawn-fill',
      type: 'fill',
      source: DRAWN,
      filter: isPolygon,
      paint: { 'fill-color': colours.selected, 'fill-opacity': 0.22 },
    },
    {
      id: 'drawn-reach',
      type: 'line',
      source: DRAWN,
      filter: isLine,
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': colours.selected, 'line-opacity': 0.18, 'line-width': widthOfMetres(reach) },
    },
    {
      id: 'drawn-circle',
      type: 'circle',
      source: DRAWN,
      filter: isPoint,
      paint: {
        'circle-color': colours.selected,
        'circle-opacity': 0.18,
        'circle-radius': widthOfMetres(['/', reach, 2]),
      },
    },
    {
      id: 'drawn-casing',
      type: 'line',
      source: DRAWN,
      filter: isLine,
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': colours.casing, 'line-width': 12 },
    },
    {
      id: 'drawn-line',
      type: 'line',
      source: DRAWN,
      filter: ['!', isPoint],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': colours.selected, 'line-width': ['case', isLine, 7, 3] },
    },
    {
      id: 'drawn-point',
      type: 'circle',
      source: DRAWN,
      filter: isPoint,
      paint: {
        'circle-radius': 6,
        'circle-color': colours.selected,
        'circle-stroke-color': colours.casing,
        'circle-stroke-width': 2,
      },
    },
  ];
}

/** What of a drawn shape is refused: another colour, and a dashed edge for who cannot tell it. */
function outside(colours: MapColours): LayerSpecification[] {
  return [
    { id: 'outside-fill', type: 'fill', source: OUTSIDE, paint: { 'fill-color': colours.refused, 'fill-opacity': 0.3 } },
    {
      id: 'outside-edge',
      type: 'line',
      source: OUTSIDE,
      paint: { 'line-color': colours.refused, 'line-width': 3, 'line-dasharray': [2, 1.5] },
    },
    {
      id: 'outside-point',
      type: 'circle',
      source: OUTSIDE,
      filter: ['==', ['geometry-type'], 'Point'],
      paint: { 'circle-radius': 8, 'circle-color': colours.refused },
    },
  ];
}

const PIXELS_OF_Z0_AT_Z22 = 2 ** 22;

/** Line width that keeps its size on the ground; `width_z0` from `corridor`. */
function widthOfMetres(width_z0: ExpressionSpecification): DataDrivenPropertyValueSpecification<number> {
  return [
    'interpolate',
    ['exponential', 2],
    ['zoom'],
    0,
    width_z0,
    22,
    ['*', width_z0, PIXELS_OF_Z0_AT_Z22],
  ];
}

const METRES_PER_PIXEL_Z0 = 78_271.517;

/** Width in pixels at zoom 0 of a corridor that reaches `reach_m` metres to both sides at `lat`. */
export function corridor(reach_m: number, lat: number): number {
  return (2 * reach_m) / (METRES_PER_PIXEL_Z0 * Math.cos((lat * Math.PI) / 180));
}

/** A chosen line bears its name on a tag: the one along it goes. */
function tagged(name: SymbolLayerSpecification): LayerSpecification {
  if (name.layout?.['symbol-placement'] !== 'line') return name;
  return { ...name, paint: { ...name.paint, 'text-opacity': when('selected', 0, 1) } };
}

/** What a tag names already (by fid) is not named again along its line. */
export function namesBut(look: Tileset['look'], slug: string, fids: readonly number[]): FilterSpecification | null {
  const name = look.find(({ id }) => id === nameLayer(slug));
  if (name?.type !== 'symbol') return null;
  const others: ExpressionSpecification = ['!', ['in', ['id'], ['literal', [...fids]]]];
  return (name.filter ? ['all', name.filter, others] : others) as FilterSpecification;
}

/** The layer of names in the server's style. */
export function nameLayer(slug: string): string {
  return `${slug}:name`;
}

type Anchor = 'center' | 'top' | 'bottom' | 'left' | 'right';

/** A name stands on its place, but beside a dot. */
export function anchorsOfPlace(hasDot: boolean): readonly Anchor[] {
  const beside = ['top', 'bottom', 'left', 'right'] as const;
  return hasDot ? beside : ['center', ...beside];
}

export const PLACE_DOTS = 'place-dots';
export const PLACE_NAMES = 'place-names';

/** Villages by name; dots where they can be chosen. */
function places(colours: MapColours): LayerSpecification[] {
  return [
    {
      id: PLACE_DOTS,
      type: 'circle',
      source: PLACES,
      layout: { visibility: 'none' },
      paint: {
        'circle-radius': 7,
        'circle-color': ['case', ['get', 'selected'], colours.selected, colours.casing],
        'circle-stroke-color': colours.selected,
        'circle-stroke-width': 2,
      },
    },
    {
      id: PLACE_NAMES,
      type: 'symbol',
      source: PLACES,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': FONT,
        'text-size': ['interpolate', ['linear'], ['zoom'], 11, 14, 15, 18],
        'text-max-width': 8,
        'text-letter-spacing': 0.06,
        'text-variable-anchor': [...anchorsOfPlace(false)],
        'text-radial-offset': 0.8,
        'text-padding': 4,
      },
      paint: { 'text-color': colours.label, 'text-halo-color': colours.land, 'text-halo-width': 2 },
    },
  ];
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
