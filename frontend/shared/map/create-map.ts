import 'maplibre-gl/dist/maplibre-gl.css';
import './map.css';

import { Map as MapLibre, AttributionControl, NavigationControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';

import { currentLang } from '../i18n';
import { CONTROL_LABELS } from './control-labels';
import { mapColours } from './colours';
import { styleOf } from './style';
import type { Tileset } from './tileset';

// A file of our own origin: the policy allows no blob: workers.
setWorkerUrl(workerUrl);

const MARGIN_PX = 48;
/** Narrower maps show a button instead of the sources. */
const COMPACT_BELOW_PX = 640;

export interface MapOptions {
  readonly tileset: Tileset;
  /** False for a picture of an area: no pointer, no keyboard, no controls. */
  readonly interactive?: boolean;
}

/** A map of the gmina in `container`, fitted to it. Throws where the browser has no WebGL. */
export function createMap(container: HTMLElement, { tileset, interactive = true }: MapOptions): MapLibre {
  const map = new MapLibre({
    container,
    style: styleOf(tileset, mapColours()),
    bounds: [...tileset.bounds],
    fitBoundsOptions: { padding: MARGIN_PX },
    minZoom: 8,
    maxZoom: 19,
    interactive,
    dragRotate: false,
    pitchWithRotate: false,
    rollEnabled: false,
    attributionControl: false,
    locale: CONTROL_LABELS[currentLang()],
    fadeDuration: 0,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  // A picture has its sources beside it, in words.
  if (interactive) addControls(map, container.clientWidth < COMPACT_BELOW_PX);
  return map;
}

function addControls(map: MapLibre, compact: boolean): void {
  map.addControl(new AttributionControl({ compact }), 'bottom-right');
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  // A narrow map begins with the sources folded, or they would cover a third of it.
  void map.once('load', () => {
    if (compact) map.getContainer().querySelector('.maplibregl-compact-show')?.classList.remove('maplibregl-compact-show');
  });
}

/** Calls `redraw` when the system changes between light and dark; returns the way to stop. */
export function onColourScheme(redraw: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', redraw);
  return () => {
    dark.removeEventListener('change', redraw);
  };
}
