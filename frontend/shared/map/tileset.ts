import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';

import type { Bbox } from '../geo/lon-lat';
import { currentLang } from '../i18n';

export interface MapLayer {
  /** Name of the MVT layer: the Layer's slug. */
  readonly id: string;
  readonly kind: 'street' | 'district' | 'teryt_unit' | 'address' | 'custom' | 'label';
  readonly geometry_type: 'point' | 'line' | 'polygon';
}

/** What we read of a TileJSON 3.0: `/tiles/{slug}.json` or `/tiles/{slug}/staff.json`. */
interface TileJson {
  readonly tiles: readonly string[];
  readonly minzoom: number;
  readonly maxzoom: number;
  readonly bounds: Bbox;
  readonly attribution: string;
  readonly vector_layers: readonly MapLayer[];
}

/** A tileset and how its layers look (`style.json` beside it) in the colour scheme of the moment. */
export interface Tileset extends TileJson {
  readonly styleUrl: string;
  readonly look: readonly LayerSpecification[];
}

export async function loadTileset(url: string, signal?: AbortSignal): Promise<Tileset> {
  const styleUrl = url.replace(/\.json$/, '/style.json');
  const [tileset, look] = await Promise.all([ask<TileJson>(url, signal), loadLook(styleUrl, signal)]);
  return { ...tileset, styleUrl, look };
}

/** `styleUrl` may have a query of its own: a preview of settings. */
export async function loadLook(styleUrl: string, signal?: AbortSignal): Promise<readonly LayerSpecification[]> {
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
  const url = `${styleUrl}${styleUrl.includes('?') ? '&' : '?'}scheme=${isDark ? 'dark' : 'light'}`;
  return (await ask<StyleSpecification>(url, signal)).layers;
}

async function ask<T>(url: string, signal?: AbortSignal): Promise<T> {
  // The page's language, which need not be the browser's: titles and sources are told in it.
  const headers = { 'Accept-Language': currentLang() };
  const response = await fetch(url, signal ? { headers, signal } : { headers });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return (await response.json()) as T;
}

/** Slug of the layer that holds the gmina's outline. */
export const OUTLINE = 'granica';

/** Layers whose features can be aimed at: no addresses, no names, not the outline ("whole gmina"). */
export function selectable(tileset: Tileset): MapLayer[] {
  return tileset.vector_layers.filter(
    ({ id, kind }) => kind !== 'address' && kind !== 'label' && id !== OUTLINE,
  );
}
