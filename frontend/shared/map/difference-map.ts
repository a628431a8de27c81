import type { Map as MapLibre } from 'maplibre-gl';

import type { Bbox } from '../geo/lon-lat';
import { createMap, onColourScheme } from './create-map';
import { mapColours } from './colours';
import { DIFFERENCES, differenceColours, differenceLayers, isSeen, LINE_ZOOM, sideOf, type View } from './difference-style';
import { SOURCE, styleOf } from './style';
import { loadLook, OUTLINE, type MapLayer, type Tileset } from './tileset';

export interface DifferenceMapOptions {
  readonly tileset: Tileset;
  /** Tiles of the differences, with {z}/{x}/{y}. */
  readonly url: string;
  /** The layer that changes: of it the tiles of the differences show what stays, too. */
  readonly layer: Pick<MapLayer, 'id' | 'kind' | 'geometry_type'>;
}

/** The gmina's map with what an edition changes on it. */
export class DifferenceMap {
  private readonly map: MapLibre;
  private view: View = 'both';
  private readonly stopWatching: () => void;

  constructor(
    container: HTMLElement,
    private readonly options: DifferenceMapOptions,
  ) {
    this.map = createMap(container, { tileset: options.tileset });
    void this.map.once('load', () => this.draw());
    this.stopWatching = onColourScheme(() => void this.redraw());
  }

  destroy(): void {
    this.stopWatching();
    this.map.remove();
  }

  show(view: View): void {
    this.view = view;
    for (const { id } of this.map.getStyle().layers.filter((layer) => layer.id.startsWith(DIFFERENCES))) {
      this.map.setLayoutProperty(id, 'visibility', isSeen(sideOf(id), view) ? 'visible' : 'none');
    }
  }

  zoomTo([west, south, east, north]: Bbox): void {
    this.map.fitBounds([west, south, east, north], { padding: 80, maxZoom: 17 });
  }

  private async redraw(): Promise<void> {
    const { tileset } = this.options;
    const look = await loadLook(tileset.styleUrl);
    void this.map.once('styledata', () => this.draw());
    this.map.setStyle(styleOf({ ...tileset, look }, mapColours()));
  }

  private draw(): void {
    this.hidePublished();
    const { minzoom, maxzoom } = this.options.tileset;
    this.map.addSource(DIFFERENCES, { type: 'vector', tiles: [this.options.url], minzoom, maxzoom });
    for (const layer of differenceLayers(differenceColours())) this.map.addLayer(layer);
    this.show(this.view);
  }

  /** The published state of the layer would lie beneath both others. The land itself stays. */
  private hidePublished(): void {
    const { id: slug, kind, geometry_type } = this.options.layer;
    if (kind === 'address' || slug === OUTLINE) return;
    for (const layer of this.map.getStyle().layers) {
      if (!('source-layer' in layer) || layer.source !== SOURCE) continue;
      if (layer['source-layer'] !== slug && layer['source-layer'] !== `${slug}:label`) continue;
      if (geometry_type === 'line') this.map.setLayerZoomRange(layer.id, layer.minzoom ?? 0, LINE_ZOOM);
      else this.map.setLayoutProperty(layer.id, 'visibility', 'none');
    }
  }
}
