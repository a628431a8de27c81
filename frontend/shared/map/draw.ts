import type { LineString, Point, Polygon } from 'geojson';
import type { Map as MapLibre } from 'maplibre-gl';
import {
  TerraDraw,
  TerraDrawLineStringMode,
  TerraDrawModeUndoRedo,
  TerraDrawPointMode,
  TerraDrawPolygonMode,
  TerraDrawUndoRedoKeyboardShortcuts,
  type GeoJSONStoreFeatures,
} from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';

import { linesOf } from '../geo/coordinates';
import { selfCrossing } from '../geo/self-crossing';
import { mapColours, type MapColours } from './colours';

export type Shape = Polygon | LineString | Point;
export type DrawTool = 'polygon' | 'linestring' | 'point';

/** terra-draw refuses more decimals than nine; seven are a centimetre. */
const DECIMALS = 7;

export interface DrawEvents {
  onShape(shape: Shape): void;
  /** A vertex that would make the shape cross itself was not taken. */
  onCrossing(): void;
}

export interface Drawing {
  /** Starts drawing with a tool; null stops and drops what is unfinished. */
  use(tool: DrawTool | null): void;
  stop(): void;
}

/** Drawing by pointer: each finished shape is handed over and leaves the drawing board. */
export function createDrawing(map: MapLibre, events: DrawEvents): Drawing {
  const board = new TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 9 }),
    modes: modes(mapColours(), events),
    undoRedo: { modeLevel: new TerraDrawModeUndoRedo(), keyboardShortcuts: new TerraDrawUndoRedoKeyboardShortcuts() },
  });
  board.start();
  board.on('finish', (id) => {
    const shape = board.getSnapshotFeature(id)?.geometry;
    if (shape) events.onShape(rounded(shape));
    // Removing inside the event would pull the shape from under terra-draw's feet.
    queueMicrotask(() => {
      board.clear();
    });
  });
  return {
    use(tool) {
      board.clear();
      board.setMode(tool ?? 'static');
    },
    stop() {
      board.stop();
    },
  };
}

function modes(colours: MapColours, events: DrawEvents) {
  const colour = colours.selected as `#${string}`;
  return [
    new TerraDrawPolygonMode({
      styles: { fillColor: colour, fillOpacity: 0.2, outlineColor: colour, outlineWidth: 3, closingPointColor: colour },
      validation: (feature, { updateType }) => {
        const isRefused = updateType.toString() !== 'provisional' && crosses(feature, updateType.toString());
        if (isRefused) events.onCrossing();
        return { valid: !isRefused };
      },
    }),
    new TerraDrawLineStringMode({ styles: { lineStringColor: colour, lineStringWidth: 3, closingPointColor: colour } }),
    new TerraDrawPointMode({ styles: { pointColor: colour, pointWidth: 7 } }),
  ];
}

/** While vertices are still set the side that will close the ring counts for nothing yet. */
function crosses(feature: GeoJSONStoreFeatures, updateType: string): boolean {
  const [ring] = linesOf(feature.geometry);
  if (!ring) return false;
  return selfCrossing(updateType === 'finish' ? ring : ring.slice(0, -1)) !== null;
}

function rounded<G extends Shape>(shape: G): G {
  const text = JSON.stringify(shape, (_key, value: unknown) =>
    typeof value === 'number' ? Number(value.toFixed(DECIMALS)) : value,
  );
  return JSON.parse(text) as G;
}
