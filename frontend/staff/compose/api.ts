import type { Geometry } from 'geojson';

import type { Api } from '../../shared/api/client';
import type { Schemas } from '../../shared/api/types';
import type { WirePart } from './parts';
import type { WirePlan } from './plan';
import type { Template } from './templates';

export type Category = Schemas['CategoryEnum'];
export type Severity = Schemas['SeverityEnum'];
export type Hit = Schemas['Hit'];
export type LayerInfo = Schemas['Layer'];
export type FeatureRow = Schemas['FeatureRow'];
export type LocalityRow = Schemas['Locality'];
export type FeatureDetail = Omit<Schemas['Feature'], 'geometry'> & { geometry: Geometry };
export type KindInfo = Schemas['GminaKind'];
export type TreeLocality = Schemas['TreeLocality'];
export type TreeStreet = Schemas['TreeStreet'];
export type PastedLine = Schemas['PastedLine'];
export type Dates = Schemas['Dates'];
export type Audience = Schemas['Audience'];

/** What the composer asks the REST API of one gmina. */
export function composerApi(api: Api, gmina: string) {
  const root = `/gminas/${gmina}`;
  return {
    search: (q: string, signal: AbortSignal) =>
      api.call<Hit[]>('GET', `${root}/search?q=${encodeURIComponent(q)}`, { signal }),
    layers: () => api.call<LayerInfo[]>('GET', `${root}/layers`),
    feature: (fid: number) => api.call<FeatureDetail>('GET', `${root}/features/${fid}`),
    features: (layer: string) => api.call<FeatureRow[]>('GET', `${root}/layers/${layer}/features`),
    localities: () => api.call<LocalityRow[]>('GET', `${root}/localities`),
    tree: () => api.call<TreeLocality[]>('GET', `${root}/teryt`),
    pasted: (text: string) => api.call<PastedLine[]>('POST', `${root}/teryt/resolve`, { body: { text } }),
    templates: () => api.call<Template[]>('GET', `${root}/templates`),
    kinds: () => api.call<KindInfo[]>('GET', `${root}/kinds`),
    plan: (plan: Partial<WirePlan>, signal: AbortSignal) =>
      api.call<Dates>('POST', `${root}/plan`, { body: plan, signal }),
    audience: (question: { parts: WirePart[]; kind: string | null; severity: Severity; ref?: string }, signal: AbortSignal) =>
      api.call<Audience>('POST', `${root}/audience`, { body: question, signal }),
  };
}
