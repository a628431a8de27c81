import type { Map as MapLibre } from 'maplibre-gl';

import { SOURCE } from './style';
import { selectable, type Tileset } from './tileset';

export interface Chosen {
  readonly fid: number;
  /** Pixels at zoom 0 (`corridor`) where the part reaches some metres around; 0 otherwise. */
  readonly reach: number;
}
/** The little of a map that the selection needs: a test gives a fake. */
export type StateMap = Pick<MapLibre, 'setFeatureState'>;

/** Shows a set of features as chosen. A fid is unique among all layers, so its layer needs no name. */
export class MapSelection {
  private shown = new Map<number, number>();
  private readonly layers: string[];

  constructor(
    private readonly map: StateMap,
    tileset: Tileset,
  ) {
    this.layers = selectable(tileset).map((layer) => layer.id);
  }

  show(chosen: readonly Chosen[]): void {
    const next = new Map(chosen.map(({ fid, reach }) => [fid, reach]));
    for (const fid of this.shown.keys()) if (!next.has(fid)) this.set(fid, false, 0);
    for (const [fid, reach] of next) if (this.shown.get(fid) !== reach) this.set(fid, true, reach);
    this.shown = next;
  }

  /** After a change of style, which forgets all states. */
  showAgain(): void {
    for (const [fid, reach] of this.shown) this.set(fid, true, reach);
  }

  private set(fid: number, selected: boolean, reach: number): void {
    for (const sourceLayer of this.layers) {
      this.map.setFeatureState({ source: SOURCE, sourceLayer, id: fid }, { selected, reach });
    }
  }
}
