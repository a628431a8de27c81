import type {
  DataDrivenPropertyValueSpecification,
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  StyleSpecification,
} from 'maplibre-gl';

import type { MapColours } from './colours';
import { OUTLINE, selectable, type MapLayer, type Tileset } from './tileset';

export const SOURCE = 'gmina';
export const DRAWN = 'drawn';
export const OUTSIDE = 'outside-shape';
export const PLACES = 'places';
/** How near a click has to be: half of this, in pixels. */
export const HIT_WIDTH_PX = 22;
// shared/ui/font.css
const FONT = ['Map Sans'];

/** The whole style: our own layers are the map. Drawn shapes and names of places are put in later. */
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
    layers: [
      ...ground(colours),
      ...features(tileset, colours),
      ...drawn(colours),
      ...outside(colours),
      ...names(tileset, colours),
      ...places(colours),
    ],
  };
}

function ground(colours: MapColours): LayerSpecification[] {
  return [
    { id: 'outside', type: 'background', paint: { 'background-color': colours.outside } },
    {
      id: 'land',
      type: 'fill',
      source: SOURCE,
      'source-layer': OUTLINE,
      paint: { 'fill-color': colours.land, 'fill-antialias': false },
    },
  ];
}

function features(tileset: Tileset, colours: MapColours): LayerSpecification[] {
  const layers = selectable(tileset);
  const areas = layers.filter((layer) => layer.geometry_type === 'polygon');
  const lines = layers.filter((layer) => layer.geometry_type === 'line');
  const points = layers.filter((layer) => layer.geometry_type === 'point');
  return [
    ...areas.map((layer) => areaFill(layer, colours)),
    ...lines.flatMap((layer) => road(layer, colours)),
    gminaEdge(colours),
    ...areas.flatMap((layer) => areaEdges(layer, colours)),
    ...lines.flatMap((layer) => lineStates(layer, colours)),
    ...points.map((layer) => point(layer, colours)),
  ];
}

const state = (name: string): ExpressionSpecification => ['boolean', ['feature-state', name], false];
const when = (name: string, then: number, otherwise: ExpressionSpecification | number): ExpressionSpecification => [
  'case',
  state(name),
  then,
  otherwise,
];
const isMain: ExpressionSpecification = ['==', ['get', 'class'], 'main'];

/** Pixels that grow with the zoom: [at z11, at z14, at z18]. */
function widths(street: readonly number[], main: readonly number[]): DataDrivenPropertyValueSpecification<number> {
  const at = (i: number): ExpressionSpecification => ['case', isMain, main[i] ?? 1, street[i] ?? 1];
  return ['interpolate', ['exponential', 1.6], ['zoom'], 11, at(0), 14, at(1), 18, at(2)];
}

function road(layer: MapLayer, colours: MapColours): LayerSpecification[] {
  const common = {
    type: 'line' as const,
    source: SOURCE,
    'source-layer': layer.id,
    layout: {
      'line-cap': 'round' as const,
      'line-join': 'round' as const,
      'line-sort-key': ['case', isMain, 1, 0] as ExpressionSpecification,
    },
  };
  return [
    {
      ...common,
      id: `${layer.id}:edge`,
      paint: { 'line-color': colours.roadEdge, 'line-width': widths([1.8, 5.4, 26], [3, 8.4, 34]) },
    },
    {
      ...common,
      id: `${layer.id}:road`,
      paint: {
        'line-color': ['case', isMain, colours.main, colours.road],
        'line-width': widths([1, 3.8, 23], [1.9, 6.4, 30]),
      },
    },
  ];
}

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

function gminaEdge(colours: MapColours): LayerSpecification {
  return {
    id: 'gmina-edge',
    type: 'line',
    source: SOURCE,
    'source-layer': OUTLINE,
    paint: { 'line-color': colours.edge, 'line-width': 1.6, 'line-dasharray': [5, 3.5] },
  };
}

function point(layer: MapLayer, colours: MapColours): LayerSpecification {
  return {
    id: hitLayer(layer.id),
    type: 'circle',
    source: SOURCE,
    'source-layer': layer.id,
    paint: {
      'circle-radius': 7,
      'circle-color': ['case', state('selected'), colours.selected, state('hover'), colours.hover, colours.edge],
      'circle-stroke-color': colours.casing,
      'circle-stroke-width': 2,
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

const halo = (colours: MapColours) => ({
  'text-color': colours.label,
  'text-halo-color': colours.land,
  'text-halo-width': 1.6,
});

/** Names of lines stand along them; those of areas are points of their own (`places`), one an area. */
function names(tileset: Tileset, colours: MapColours): LayerSpecification[] {
  const lines = selectable(tileset).filter((layer) => layer.geometry_type === 'line');
  return lines.map((layer) => ({
    id: nameLayer(layer.id),
    type: 'symbol',
    source: SOURCE,
    'source-layer': layer.id,
    minzoom: 11.5,
    filter: namesBut([]),
    layout: {
      'text-field': ['get', 'name'],
      'text-font': FONT,
      'symbol-placement': 'line',
      'symbol-spacing': 320,
      'symbol-sort-key': ['case', isMain, 0, 1],
      'text-size': ['interpolate', ['linear'], ['zoom'], 11.5, 12, 14, 14, 17, 17],
      'text-max-angle': 35,
      'text-padding': 6,
    },
    // A chosen line bears its name on a tag.
    paint: { ...halo(colours), 'text-opacity': when('selected', 0, 1) },
  }));
}

/** From afar only main streets are named; what a tag names already (by fid) is not named again. */
export function namesBut(fids: readonly number[]): FilterSpecification {
  return ['all', ['any', isMain, ['>=', ['zoom'], 13]], ['!', ['in', ['id'], ['literal', [...fids]]]]];
}

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

/** Districts and villages by name; dots where they can be chosen. */
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
      paint: { ...halo(colours), 'text-halo-width': 2 },
    },
  ];
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
