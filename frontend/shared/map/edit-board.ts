import type { LineString, Point, Polygon } from 'geojson';
import type { Map as MapLibre } from 'maplibre-gl';
import {
  TerraDraw,
  TerraDrawLineStringMode,
  TerraDrawModeUndoRedo,
  TerraDrawPointMode,
  TerraDrawPolygonMode,
  TerraDrawSelectMode,
  TerraDrawUndoRedoKeyboardShortcuts,
  type GeoJSONStoreFeatures,
  type SnapToCustom,
} from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';

import { linesOf } from '../geo/coordinates';
import type { LonLat } from '../geo/lon-lat';
import type { DrawTool, Shape } from './draw';
import { mapColours } from './colours';

/** terra-draw takes no more decimals; a tenth of a millimetre. */
const PRECISION = 9;
/** Id of the first piece on terra-draw's board; what it makes itself is counted from far above. */
const FIRST = 1;
const OWN_IDS = 1_000_000;

export interface BoardEvents {
  /** One piece of what is edited was changed. */
  readonly onPiece: (n: number, path: readonly LonLat[]) => void;
  readonly onShape: (shape: Shape) => void;
  /** The place that a point near this one is meant to be; `from` is where it was. */
  readonly snap: (at: LonLat, from: LonLat | null) => LonLat | null;
}

/** terra-draw for one feature: its pieces can be picked up by their points, or a new shape drawn. */
export class EditBoard {
  private readonly board: TerraDraw;
  private lastId = OWN_IDS;
  private pieces: readonly (readonly LonLat[])[] = [];

  constructor(
    map: MapLibre,
    private readonly events: BoardEvents,
  ) {
    this.board = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: PRECISION }),
      modes: this.modes(),
      idStrategy: { isValidId: Number.isInteger, getId: () => (this.lastId += 1) },
      undoRedo: { modeLevel: new TerraDrawModeUndoRedo(), keyboardShortcuts: new TerraDrawUndoRedoKeyboardShortcuts() },
    });
    this.board.start();
    this.board.on('finish', (id, { action }) => {
      // What the event tells of must not be pulled from under terra-draw's feet.
      queueMicrotask(() => this.finished(id, action === 'draw'));
    });
  }

  /** Takes these pieces up; none puts everything down. */
  edit(pieces: readonly (readonly LonLat[])[], tool: DrawTool): void {
    this.pieces = pieces;
    this.board.clear();
    this.board.setMode(pieces.length > 0 ? 'select' : 'static');
    if (pieces.length === 0) return;
    this.board.addFeatures(pieces.map((path, n) => feature(path, n, tool)));
    this.board.selectFeature(FIRST);
  }

  draw(tool: DrawTool): void {
    this.edit([], tool);
    this.board.setMode(tool);
  }

  stop(): void {
    this.board.stop();
  }

  private finished(id: string | number, isDrawn: boolean): void {
    const geometry = this.board.getSnapshotFeature(id)?.geometry;
    if (!geometry) return;
    if (isDrawn) {
      this.board.clear();
      this.events.onShape(geometry);
    } else if (typeof id === 'number' && id < OWN_IDS) {
      this.events.onPiece(id - FIRST, linesOf(geometry)[0] ?? []);
    }
  }

  private modes() {
    const { selected: own, casing, hover } = mapColours();
    const [colour, light, blue] = [own, casing, hover] as [`#${string}`, `#${string}`, `#${string}`];
    const toCustom: SnapToCustom = ({ lng, lat }, { currentId, currentCoordinate }) => {
      const path = typeof currentId === 'number' ? this.pieces[currentId - FIRST] : undefined;
      const at = this.events.snap([lng, lat], path?.[currentCoordinate ?? -1] ?? null);
      return at ? at.map((degrees) => Number(degrees.toFixed(PRECISION))) : undefined;
    };
    const coordinates = { draggable: true, deletable: true, midpoints: { draggable: true }, snappable: { toCustom } };
    const flags = { feature: { draggable: false, coordinates } };
    return [
      new TerraDrawSelectMode({
        flags: { polygon: flags, linestring: flags, point: { feature: { draggable: true } } },
        allowManualDeselection: false,
        // Deleting is a button of the page: it takes the whole feature.
        keyEvents: null,
        styles: {
          selectedPolygonColor: colour,
          selectedPolygonFillOpacity: 0.12,
          selectedPolygonOutlineColor: colour,
          selectedPolygonOutlineWidth: 3,
          selectedLineStringColor: colour,
          selectedLineStringWidth: 4,
          selectedPointColor: colour,
          selectedPointWidth: 8,
          selectionPointColor: light,
          selectionPointWidth: 6,
          selectionPointOutlineColor: colour,
          selectionPointOutlineWidth: 2,
          midPointColor: colour,
          midPointWidth: 4,
          midPointOutlineColor: light,
          midPointOutlineWidth: 1,
        },
      }),
      new TerraDrawPolygonMode({
        snapping: { toCustom },
        styles: { fillColor: blue, fillOpacity: 0.15, outlineColor: blue, outlineWidth: 3, closingPointColor: blue },
      }),
      new TerraDrawLineStringMode({
        snapping: { toCustom },
        styles: { lineStringColor: blue, lineStringWidth: 3, closingPointColor: blue },
      }),
      new TerraDrawPointMode({ styles: { pointColor: blue, pointWidth: 8 } }),
    ];
  }
}

function feature(path: readonly LonLat[], n: number, tool: DrawTool): GeoJSONStoreFeatures {
  return { type: 'Feature', id: FIRST + n, geometry: shapeOf(path, tool), properties: { mode: tool } };
}

function shapeOf(path: readonly LonLat[], tool: DrawTool): Polygon | LineString | Point {
  const coordinates = path.map(([lon, lat]) => [lon, lat]);
  if (tool === 'point') return { type: 'Point', coordinates: coordinates[0] ?? [] };
  return tool === 'polygon' ? { type: 'Polygon', coordinates: [coordinates] } : { type: 'LineString', coordinates };
}
