import type { Map as MapLibre } from 'maplibre-gl';

import type { Bbox } from '../geo/lon-lat';
import { t } from '../i18n';
import { createMap, onColourScheme } from './create-map';
import { mapColours } from './colours';
import { differenceColours } from './difference-style';
import { FINDING, findingLayers, roleOf, rolesSeen, type FindingView } from './finding-style';
import { styleOf } from './style';
import { loadLook, type Tileset } from './tileset';

export type FindingShapes = GeoJSON.FeatureCollection;
const NOTHING: FindingShapes = { type: 'FeatureCollection', features: [] };

/** The gmina's map with one finding of a report on it. */
export class FindingMap {
  private readonly map: MapLibre;
  private shapes: FindingShapes = NOTHING;
  private view: FindingView = 'after';
  private readonly stopWatching: () => void;

  constructor(
    container: HTMLElement,
    private readonly tileset: Tileset,
  ) {
    this.map = createMap(container, { tileset });
    // Beside the map of differences: each has a name of its own.
    this.map.getCanvas().setAttribute('aria-label', t('report.map'));
    void this.map.once('load', () => this.draw());
    this.stopWatching = onColourScheme(() => void this.redraw());
  }

  destroy(): void {
    this.stopWatching();
    this.map.remove();
  }

  /** Draws a finding and goes there. */
  show(shapes: FindingShapes, [west, south, east, north]: Bbox): void {
    this.shapes = shapes;
    this.fill();
    this.map.fitBounds([west, south, east, north], { padding: 64, maxZoom: 19, animate: false });
  }

  /** Of a repaired shape: what the file had, or what became of it. */
  look(view: FindingView): void {
    this.view = view;
    const seen = rolesSeen(view);
    for (const { id } of this.map.getStyle().layers.filter((layer) => layer.id.startsWith(`${FINDING}:`))) {
      this.map.setLayoutProperty(id, 'visibility', seen.includes(roleOf(id)) ? 'visible' : 'none');
    }
  }

  private async redraw(): Promise<void> {
    const look = await loadLook(this.tileset.styleUrl);
    void this.map.once('styledata', () => this.draw());
    this.map.setStyle(styleOf({ ...this.tileset, look }, mapColours()));
  }

  private draw(): void {
    this.map.addSource(FINDING, { type: 'geojson', data: this.shapes });
    for (const layer of findingLayers(differenceColours())) this.map.addLayer(layer);
    this.look(this.view);
  }

  /** Before the map has loaded, `draw` takes the shapes as they are by then. */
  private fill(): void {
    const source = this.map.getSource(FINDING);
    if (source && 'setData' in source) (source as { setData(data: FindingShapes): void }).setData(this.shapes);
  }
}
