import type { Feature, FeatureCollection } from 'geojson';
import type { GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl';

import { bboxOf } from '../geo/bbox';
import type { Bbox, LonLat } from '../geo/lon-lat';
import { placeOfTag } from '../geo/inside';
import { piecesOf, type EditShape } from '../geo/pieces';
import { snapped } from '../geo/snap';
import { createMap, onColourScheme } from './create-map';
import { mapColours } from './colours';
import type { DrawTool, Shape } from './draw';
import { EditBoard } from './edit-board';
import { SOURCE, styleOf } from './style';
import { loadLook, OUTLINE, type MapLayer, type Tileset } from './tileset';

const EDITED = 'edited';
const SNAP_PX = 12;
const HIT_PX = 8;
const PIXELS = 512; // of the world at zoom 0
const FONT = ['Map Sans'];
/** What a click can choose. */
const HIT = ['fill', 'line', 'changed', 'point'].map((part) => `${EDITED}:${part}`);

export interface EditedFeature {
  readonly fid: number;
  readonly name: string;
  /** Empty: as published. */
  readonly op: string;
  readonly shape: EditShape;
}

export interface EditMapOptions {
  readonly tileset: Tileset;
  readonly layer: Pick<MapLayer, 'id' | 'geometry_type'>;
  /** A click on a feature; `more` with a key that adds to what is chosen. */
  readonly onPick: (fid: number, more: boolean) => void;
  /** One piece of the edited feature was changed. */
  readonly onPiece: (n: number, path: readonly LonLat[]) => void;
  readonly onShape: (shape: Shape) => void;
  /** The part of the map that is in sight, when it came to rest. */
  readonly onView: (box: Bbox) => void;
}

/** A layer's features as a change set shows them, on the gmina's map, and the tools to edit them. */
export class EditMap {
  private readonly map: MapLibre;
  private board: EditBoard | null = null;
  private features: readonly EditedFeature[] = [];
  private chosen: ReadonlySet<number> = new Set();
  private editing: EditedFeature | null = null;
  private point: LonLat | null = null;
  private isDrawing = false;
  private readonly stopWatching: () => void;

  constructor(
    container: HTMLElement,
    private readonly options: EditMapOptions,
  ) {
    this.map = createMap(container, { tileset: options.tileset });
    void this.map.once('load', () => this.begin());
    this.stopWatching = onColourScheme(() => void this.recolour());
  }

  destroy(): void {
    this.stopWatching();
    this.board?.stop();
    this.map.remove();
  }

  show(features: readonly EditedFeature[], chosen: ReadonlySet<number>): void {
    [this.features, this.chosen] = [features, chosen];
    this.fill();
  }

  /** Takes up one feature by its points; null puts it down. */
  edit(feature: EditedFeature | null): void {
    this.editing = feature;
    this.isDrawing = false;
    this.board?.edit(feature ? piecesOf(feature.shape) : [], this.tool());
    this.fill();
  }

  draw(tool: DrawTool): void {
    this.editing = null;
    this.isDrawing = true;
    this.board?.draw(tool);
    this.fill();
  }

  /** A point of the edited feature that the keyboard holds; null for none. */
  mark(point: LonLat | null): void {
    this.point = point;
    this.fill();
  }

  reveal(shape: EditShape): void {
    const box = bboxOf(piecesOf(shape).flat());
    if (box) this.map.fitBounds([box[0], box[1], box[2], box[3]], { padding: 80, maxZoom: 17 });
  }

  tool(): DrawTool {
    const { geometry_type: type } = this.options.layer;
    return type === 'line' ? 'linestring' : type;
  }

  private begin(): void {
    this.dress();
    this.map.on('click', ({ point, lngLat, originalEvent }) => {
      if (this.isDrawing || this.isHeld([lngLat.lng, lngLat.lat])) return;
      const box: [[number, number], [number, number]] = [[point.x - HIT_PX, point.y - HIT_PX], [point.x + HIT_PX, point.y + HIT_PX]];
      const isArea = this.options.layer.geometry_type === 'polygon';
      const [hit] = this.map.queryRenderedFeatures(isArea ? point : box, { layers: HIT });
      const more = originalEvent.shiftKey || originalEvent.ctrlKey || originalEvent.metaKey;
      if (typeof hit?.id === 'number') this.options.onPick(hit.id, more);
    });
    this.map.on('moveend', () => this.tellView());
    this.tellView();
  }

  /** Whether a click means a point of what is edited, not what lies around it. */
  private isHeld(at: LonLat): boolean {
    const points = this.editing ? piecesOf(this.editing.shape) : [];
    return snapped(at, points.map((path) => path.map((point) => [point])).flat(), { reach: this.reach(at) }) !== null;
  }

  private tellView(): void {
    const view = this.map.getBounds();
    this.options.onView([view.getWest(), view.getSouth(), view.getEast(), view.getNorth()]);
  }

  private snap(at: LonLat, from: LonLat | null): LonLat | null {
    const others = this.features.filter(({ fid }) => fid !== this.editing?.fid);
    return snapped(at, others.flatMap(({ shape }) => piecesOf(shape)), { reach: this.reach(at), except: from });
  }

  /** Degrees of latitude that a few pixels are. */
  private reach([, lat]: LonLat): number {
    return ((SNAP_PX * 360) / (PIXELS * 2 ** this.map.getZoom())) * Math.cos((lat * Math.PI) / 180);
  }

  /** The published state would lie beneath: what is edited takes its place. */
  private dress(): void {
    const slug = this.options.layer.id;
    for (const layer of this.map.getStyle().layers) {
      if (!('source-layer' in layer) || layer.source !== SOURCE || slug === OUTLINE) continue;
      const isOwn = layer['source-layer'] === slug || layer['source-layer'] === `${slug}:label`;
      if (isOwn) this.map.setLayoutProperty(layer.id, 'visibility', 'none');
    }
    this.board?.stop();
    this.map.addSource(EDITED, { type: 'geojson', data: collection([]) });
    for (const layer of layersOf(this.options.layer.geometry_type === 'point')) this.map.addLayer(layer);
    const { onPiece, onShape } = this.options;
    this.board = new EditBoard(this.map, { onPiece, onShape, snap: (at, from) => this.snap(at, from) });
    this.edit(this.editing);
  }

  private fill(): void {
    const features = this.features
      .filter(({ fid }) => fid !== this.editing?.fid)
      .map(({ fid, op, shape }): Feature => ({
        type: 'Feature',
        id: fid,
        geometry: shape,
        properties: { op, chosen: this.chosen.has(fid) },
      }));
    const names = this.features.flatMap(({ name, shape }): Feature[] => {
      const at = placeOfTag(shape) ?? piecesOf(shape)[0]?.[0];
      return at ? [{ type: 'Feature', geometry: { type: 'Point', coordinates: [...at] }, properties: { label: name } }] : [];
    });
    const held: Feature[] = this.point
      ? [{ type: 'Feature', geometry: { type: 'Point', coordinates: [...this.point] }, properties: { held: true, op: '' } }]
      : [];
    void this.map.getSource<GeoJSONSource>(EDITED)?.setData(collection([...features, ...names, ...held]));
  }

  private async recolour(): Promise<void> {
    const { tileset } = this.options;
    const look = await loadLook(tileset.styleUrl);
    void this.map.once('styledata', () => this.dress());
    this.map.setStyle(styleOf({ ...tileset, look }, mapColours()));
  }
}

function collection(features: Feature[]): FeatureCollection {
  return { type: 'FeatureCollection', features };
}

/** What is changed is dashed and coloured, what is chosen thick: colour is not the only sign. */
function layersOf(isPoints: boolean): LayerSpecification[] {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const [accent, changed, added, still, casing] = ['--map-selected', '--failure', '--clear', '--line-strong', '--surface'].map(token);
  if (!accent || !changed || !added || !still || !casing) return [];
  const line = { type: 'line' as const, source: EDITED, layout: { 'line-join': 'round' as const, 'line-cap': 'round' as const } };
  return [
    {
      id: `${EDITED}:fill`,
      type: 'fill',
      source: EDITED,
      filter: ['==', ['geometry-type'], 'Polygon'],
      paint: {
        'fill-color': ['case', ['get', 'chosen'], accent, ['match', ['get', 'op'], 'add', added, 'replace', changed, still]],
        'fill-opacity': ['case', ['get', 'chosen'], 0.2, ['==', ['get', 'op'], ''], 0.04, 0.12],
      },
    },
    {
      ...line,
      id: `${EDITED}:line`,
      filter: ['all', ['!=', ['geometry-type'], 'Point'], ['==', ['get', 'op'], '']],
      paint: { 'line-color': ['case', ['get', 'chosen'], accent, still], 'line-width': ['case', ['get', 'chosen'], 4, 2] },
    },
    {
      ...line,
      id: `${EDITED}:changed`,
      filter: ['all', ['!=', ['geometry-type'], 'Point'], ['!=', ['get', 'op'], '']],
      paint: {
        'line-color': ['case', ['get', 'chosen'], accent, ['==', ['get', 'op'], 'add'], added, changed],
        'line-width': ['case', ['get', 'chosen'], 4, 2.5],
        'line-dasharray': [3, 1.5],
      },
    },
    {
      id: `${EDITED}:point`,
      type: 'circle',
      source: EDITED,
      filter: ['all', ['==', ['geometry-type'], 'Point'], ['!', ['has', 'label']]],
      paint: {
        'circle-radius': ['case', ['has', 'held'], 9, ['get', 'chosen'], 8, 6],
        'circle-color': ['case', ['has', 'held'], changed, ['get', 'chosen'], accent, ['match', ['get', 'op'], 'add', added, 'replace', changed, still]],
        'circle-stroke-color': casing,
        'circle-stroke-width': 2,
      },
    },
    {
      id: `${EDITED}:name`,
      type: 'symbol',
      source: EDITED,
      filter: ['has', 'label'],
      layout: { 'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': 14, 'text-offset': [0, isPoints ? 1.2 : 0] },
      paint: { 'text-color': token('--map-label'), 'text-halo-color': token('--map-land'), 'text-halo-width': 2 },
    },
  ];
}
