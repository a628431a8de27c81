import type { Feature, FeatureCollection, Geometry } from 'geojson';
import { Marker, type GeoJSONSource, type Map as MapLibre } from 'maplibre-gl';

import type { Bbox, LonLat } from '../geo/lon-lat';
import { mapColours } from './colours';
import { createMap, onColourScheme, type MapOptions } from './create-map';
import { MapSelection, type Chosen } from './selection';
import { boundaryLayer, DRAWN, nameLayer, SOURCE, styleOf } from './style';
import { pick, type Picked } from './pick';
import { selectable, type Tileset } from './tileset';

export interface Tag {
  readonly at: LonLat;
  readonly text: string;
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
  private readonly tileset: Tileset;
  private tags: Marker[] = [];
  private drawn: FeatureCollection = { type: 'FeatureCollection', features: [] };
  private hovered: { sourceLayer: string; id: number } | null = null;
  private layer: string | null = null;
  private readonly stopWatching: () => void;

  constructor(container: HTMLElement, options: MapOptions) {
    this.tileset = options.tileset;
    this.map = createMap(container, options);
    this.selection = new MapSelection(this.map, options.tileset);
    this.stopWatching = onColourScheme(() => {
      this.map.setStyle(styleOf(this.tileset, mapColours()));
      this.restore();
    });
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
    this.map.remove();
  }

  showChosen(chosen: readonly Chosen[]): void {
    this.selection.show(chosen);
  }

  showDrawn(shapes: readonly DrawnShape[]): void {
    const features = shapes.map(({ geometry, reach }): Feature => ({ type: 'Feature', geometry, properties: { reach } }));
    this.drawn = { type: 'FeatureCollection', features };
    void this.map.getSource<GeoJSONSource>(DRAWN)?.setData(this.drawn);
  }

  showTags(tags: readonly Tag[]): void {
    for (const tag of this.tags) tag.remove();
    this.tags = tags.map(({ at, text }) => {
      const element = document.createElement('div');
      element.className = 'name-tag';
      element.textContent = `${text} ✓`;
      return new Marker({ element, anchor: 'bottom', offset: [0, -8] }).setLngLat([...at]).addTo(this.map);
    });
  }

  /** The layer that clicks choose from: its borders and names show; null for none. */
  useLayer(slug: string | null): void {
    this.layer = slug;
    this.hover(null);
    for (const { id, geometry_type } of selectable(this.tileset)) {
      if (geometry_type === 'line') continue;
      const visibility = id === slug ? 'visible' : 'none';
      if (geometry_type === 'polygon') this.map.setLayoutProperty(boundaryLayer(id), 'visibility', visibility);
      this.map.setLayoutProperty(nameLayer(id), 'visibility', visibility);
    }
  }

  onPick(act: (picked: Picked) => void): void {
    this.map.on('click', (event) => {
      const picked = this.layer === null ? null : pick(this.map, event.point, this.layer);
      if (picked) act(picked);
    });
    this.map.on('mousemove', (event) => {
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

  /** Moves only where the box is not in sight already. */
  reveal([west, south, east, north]: Bbox): void {
    const view = this.map.getBounds();
    if (view.contains([west, south]) && view.contains([east, north])) return;
    this.map.fitBounds([west, south, east, north], { padding: 96, maxZoom: 15.5 });
  }

  private restore(): void {
    void this.map.once('styledata', () => {
      this.selection.showAgain();
      void this.map.getSource<GeoJSONSource>(DRAWN)?.setData(this.drawn);
      this.useLayer(this.layer);
    });
  }
}

