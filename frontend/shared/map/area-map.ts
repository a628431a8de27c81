import type { Feature, FeatureCollection, Geometry } from 'geojson';
import { Marker, type GeoJSONSource, type Map as MapLibre, type MarkerOptions } from 'maplibre-gl';

import { bboxOf } from '../geo/bbox';
import { linesOf } from '../geo/coordinates';
import type { Pixel } from '../geo/distance-to-line';
import type { Bbox, LonLat } from '../geo/lon-lat';
import { mapColours } from './colours';
import { createMap, onColourScheme, type MapOptions } from './create-map';
import { MapSelection, type Chosen } from './selection';
import { anchorsOfPlace, boundaryLayer, DRAWN, HIT_WIDTH_PX, nameLayer, namesBut, OUTSIDE, PLACE_DOTS, PLACE_NAMES, PLACES, SOURCE, styleOf } from './style';
import { pick, type Picked } from './pick';
import { loadLook, selectable, type Tileset } from './tileset';

/** Share of the map's width below which something chosen in the list is brought nearer. */
const SMALL = 0.2;

export interface Tag {
  readonly at: LonLat;
  readonly text: string;
}
export interface Place {
  /** What choosing it means, for the caller. */
  readonly key: string;
  readonly name: string;
  readonly at: LonLat;
}
export interface DrawnShape {
  readonly geometry: Geometry;
  /** `corridor` of the shape's reach. */
  readonly reach: number;
}

/** A map of the gmina that shows an area: chosen features, drawn shapes, name tags. */
export class AreaMap {
  readonly map: MapLibre;
  private readonly selection: MapSelection;
  private tileset: Tileset;
  private tags: Marker[] = [];
  private outsideTag: Marker | null = null;
  private outside: FeatureCollection = collection([]);
  private drawn: FeatureCollection = collection([]);
  private places: FeatureCollection = collection([]);
  private hasDots = false;
  private unnamed: readonly number[] = [];
  private hovered: { sourceLayer: string; id: number } | null = null;
  private layer: string | null = null;
  private readonly stopWatching: () => void;
  /** Ends what is asked for when the map goes, or another style is wanted. */
  private styling = new AbortController();

  constructor(container: HTMLElement, options: MapOptions) {
    this.tileset = options.tileset;
    this.map = createMap(container, options);
    this.selection = new MapSelection(this.map, options.tileset);
    this.stopWatching = onColourScheme(() => void this.restyle());
  }

  /** Resolves when the style is there: before that nothing can be shown. */
  ready(): Promise<void> {
    return new Promise((resolve) => {
      if (this.map.isStyleLoaded()) resolve();
      else void this.map.once('load', () => resolve());
    });
  }

  destroy(): void {
    this.stopWatching();
    this.styling.abort();
    this.map.remove();
  }

  showChosen(chosen: readonly Chosen[]): void {
    this.selection.show(chosen);
  }

  showDrawn(shapes: readonly DrawnShape[]): void {
    const features = shapes.map(({ geometry, reach }): Feature => ({ type: 'Feature', geometry, properties: { reach } }));
    this.drawn = collection(features);
    this.fill(DRAWN, this.drawn);
  }

  /** What of a shape lies outside the gmina and is refused, said in words on it; null for nothing. */
  showOutside(geometry: Geometry | null, words: string): void {
    this.outside = collection(geometry ? [{ type: 'Feature', geometry, properties: {} }] : []);
    this.fill(OUTSIDE, this.outside);
    this.outsideTag?.remove();
    const box = geometry && bboxOf(linesOf(geometry).flat());
    this.outsideTag = box && this.mark('outside-tag', words, [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], { anchor: 'center' });
  }

  /** Names on the map; with `dots` they can be chosen by a click, `chosen` (keys) are. */
  showPlaces(places: readonly Place[], { dots = false, chosen = new Set<string>() } = {}): void {
    const features = places.map(
      ({ key, name, at }): Feature => ({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [...at] },
        properties: { key, name, selected: chosen.has(key) },
      }),
    );
    this.places = collection(features);
    this.hasDots = dots;
    this.drawPlaces();
  }

  showTags(tags: readonly Tag[]): void {
    for (const tag of this.tags) tag.remove();
    this.tags = tags.map(({ at, text }) => this.mark('name-tag', `${text} ✓`, at, { anchor: 'bottom', offset: [0, -8] }));
  }

  /** Takes the names of what tags name (by fid) from the lines. */
  hideNames(fids: readonly number[]): void {
    this.unnamed = fids;
    for (const { id, geometry_type } of selectable(this.tileset)) {
      const filter = geometry_type === 'line' && namesBut(this.tileset.look, id, fids);
      if (filter) this.map.setFilter(nameLayer(id), filter);
    }
  }

  /** The reader's own places, by name: they stay where they are while the map is there. */
  showOwn(tags: readonly Tag[]): void {
    for (const { at, text } of tags) this.mark('own-place', text, at, { anchor: 'center' });
  }

  /** The layer that clicks choose from: its borders show; null for none. */
  useLayer(slug: string | null): void {
    this.layer = slug;
    this.hover(null);
    for (const { id, geometry_type } of selectable(this.tileset)) {
      if (geometry_type !== 'polygon') continue;
      this.map.setLayoutProperty(boundaryLayer(id), 'visibility', id === slug ? 'visible' : 'none');
    }
  }

  onPick(act: (picked: Picked) => void, actOnPlace: (key: string) => void): void {
    this.map.on('click', (event) => {
      const picked = this.layer === null ? null : pick(this.map, event.point, this.layer);
      const place = this.placeAt(event.point);
      if (place !== null) actOnPlace(place);
      else if (picked) act(picked);
    });
    this.map.on('mousemove', (event) => {
      if (this.hasDots) this.map.getCanvas().style.cursor = this.placeAt(event.point) === null ? '' : 'pointer';
      if (this.layer === null) return;
      const picked = pick(this.map, event.point, this.layer);
      this.map.getCanvas().style.cursor = picked ? 'pointer' : '';
      this.hover(picked?.fid ?? null);
    });
    this.map.on('mouseout', () => this.hover(null));
  }

  /** Shows one feature as pointed at, on the map or in the list. */
  hover(fid: number | null, slug = this.layer): void {
    const next = fid !== null && slug !== null ? { sourceLayer: slug, id: fid } : null;
    if (next?.id === this.hovered?.id) return;
    if (this.hovered) this.map.setFeatureState({ source: SOURCE, ...this.hovered }, { hover: false });
    if (next) this.map.setFeatureState({ source: SOURCE, ...next }, { hover: true });
    this.hovered = next;
  }

  /** Moves only where the box is not in sight already, or so small that one would miss it. */
  reveal([west, south, east, north]: Bbox): void {
    const view = this.map.getBounds();
    const isInSight = view.contains([west, south]) && view.contains([east, north]);
    const share = (east - west) / (view.getEast() - view.getWest());
    if (isInSight && share > SMALL) return;
    this.map.fitBounds([west, south, east, north], { padding: 120, maxZoom: 15 });
  }

  /** In another style or, without one, in the other colour scheme; where it does not come, all stays. */
  async restyle(styleUrl = this.tileset.styleUrl): Promise<void> {
    this.styling.abort();
    const { signal } = (this.styling = new AbortController());
    try {
      const look = await loadLook(styleUrl, signal);
      this.tileset = { ...this.tileset, styleUrl, look };
      this.map.setStyle(styleOf(this.tileset, mapColours()));
      this.restore();
    } catch (error) {
      if (!signal.aborted) console.warn('map', error);
    }
  }

  /** Words that stand on the map at a place. */
  private mark(className: string, text: string, [lon, lat]: LonLat, options: MarkerOptions): Marker {
    const element = document.createElement('div');
    element.className = className;
    element.textContent = text;
    return new Marker({ element, ...options }).setLngLat([lon, lat]).addTo(this.map);
  }

  /** Key of the place whose dot is within reach of a click. */
  private placeAt({ x, y }: Pixel): string | null {
    if (!this.hasDots) return null;
    const reach = HIT_WIDTH_PX / 2;
    const box: [[number, number], [number, number]] = [[x - reach, y - reach], [x + reach, y + reach]];
    const [found] = this.map.queryRenderedFeatures(box, { layers: [PLACE_DOTS] });
    return found ? String(found.properties.key) : null;
  }

  private drawPlaces(): void {
    this.fill(PLACES, this.places);
    this.map.setLayoutProperty(PLACE_DOTS, 'visibility', this.hasDots ? 'visible' : 'none');
    this.map.setLayoutProperty(PLACE_NAMES, 'text-variable-anchor', [...anchorsOfPlace(this.hasDots)]);
  }

  private fill(source: string, data: FeatureCollection): void {
    void this.map.getSource<GeoJSONSource>(source)?.setData(data);
  }

  private restore(): void {
    void this.map.once('styledata', () => {
      this.selection.showAgain();
      this.fill(DRAWN, this.drawn);
      this.fill(OUTSIDE, this.outside);
      this.drawPlaces();
      this.hideNames(this.unnamed);
      this.useLayer(this.layer);
    });
  }
}

function collection(features: Feature[]): FeatureCollection {
  return { type: 'FeatureCollection', features };
}

