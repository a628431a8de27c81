import type { Bbox } from '../geo/lon-lat';
import { currentLang } from '../i18n';

export interface MapLayer {
  /** Name of the MVT layer: the Layer's slug. */
  readonly id: string;
  readonly kind: 'street' | 'district' | 'teryt_unit' | 'address' | 'custom';
  readonly geometry_type: 'point' | 'line' | 'polygon';
}

/** What we read of a TileJSON 3.0: `/tiles/{slug}.json` or `/tiles/{slug}/staff.json`. */
export interface Tileset {
  readonly tiles: readonly string[];
  readonly minzoom: number;
  readonly maxzoom: number;
  readonly bounds: Bbox;
  readonly attribution: string;
  readonly vector_layers: readonly MapLayer[];
}

export async function loadTileset(url: string, signal?: AbortSignal): Promise<Tileset> {
  // The page's language, which need not be the browser's: titles and sources are told in it.
  const headers = { 'Accept-Language': currentLang() };
  const response = await fetch(url, signal ? { headers, signal } : { headers });
  if (!response.ok) throw new Error(`TileJSON ${url}: ${response.status}`);
  return (await response.json()) as Tileset;
}

/** Slug of the layer that holds the gmina's outline. */
export const OUTLINE = 'granica';

/** Layers whose features can be aimed at: not addresses, and not the outline ("whole gmina"). */
export function selectable(tileset: Tileset): MapLayer[] {
  return tileset.vector_layers.filter((layer) => layer.kind !== 'address' && layer.id !== OUTLINE);
}
