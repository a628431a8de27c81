import type { Geometry } from 'geojson';

import type { Api } from '../../shared/api/client';
import type { Bbox } from '../../shared/geo/lon-lat';
import type { WirePart } from './parts';
import type { Count } from './counts';

export type Category = 'awaria' | 'wydarzenie' | 'ostrzezenie';
export type Severity = 'emergency' | 'important' | 'info';

export interface Hit {
  kind: 'street' | 'district' | 'locality' | 'unit' | 'address';
  fid: number | null;
  simc: string;
  label: string;
  locality: string;
  bbox_4326: Bbox | null;
  lon: number | null;
  lat: number | null;
  length_m: number | null;
}
export interface LayerInfo {
  slug: string;
  kind: string;
  title_pl: string;
  title_en: string;
  geometry_type: string;
  feature_count: number;
}
export interface FeatureRow {
  fid: number;
  label: string;
  locality: string;
  bbox_4326: Bbox | null;
}
export interface LocalityRow {
  simc: string;
  name: string;
  parent_simc: string | null;
}
export interface FeatureDetail {
  geometry: Geometry;
  bbox?: Bbox;
  properties: { label: string; locality: string; layer_kind: string; geometry_type: string; length_m: number | null };
}
export interface KindInfo {
  code: string;
  category: Category;
  title_pl: string;
  title_en: string;
}
export interface Audience {
  residents: Count;
  devices: Count;
  unreachable: Count;
  muted: Count;
  parts: { residents: Count; home: Count; work: Count }[];
  hash: string;
  warnings: { code: string; message: string; part: number | null }[];
}

/** What the composer asks the REST API of one gmina. */
export function composerApi(api: Api, gmina: string) {
  const root = `/gminas/${gmina}`;
  return {
    search: (q: string, signal: AbortSignal) =>
      api.call<{ results: Hit[] }>('GET', `${root}/search?q=${encodeURIComponent(q)}`, { signal }),
    layers: () => api.call<LayerInfo[]>('GET', `${root}/layers`),
    feature: (fid: number) => api.call<FeatureDetail>('GET', `${root}/features/${fid}`),
    features: (layer: string) => api.call<FeatureRow[]>('GET', `${root}/layers/${layer}/features`),
    localities: () => api.call<LocalityRow[]>('GET', `${root}/localities`),
    kinds: () => api.call<KindInfo[]>('GET', `${root}/kinds`),
    audience: (question: { parts: WirePart[]; kind: string | null; severity: Severity }, signal: AbortSignal) =>
      api.call<Audience>('POST', `${root}/audience`, { body: question, signal }),
  };
}
