import { currentLang, t } from '../../shared/i18n';
import { metres } from '../../shared/i18n/numbers';
import type { FeatureDetail, FeatureRow, Hit, LocalityRow } from './api';
import type { Aim, FeaturePart, LocalityPart, Part } from './parts';

/** Reach offered first for drawn lines and points. */
export const DRAWN_REACH_M = 50;

/** What choosing a hit means; null for what the map doesn't hold. */
export function partOfHit(hit: Hit): Part | null {
  if (hit.kind === 'locality') return localityPart(hit.simc, hit.label, t('who.locality'));
  if (hit.fid === null) return null;
  const aim = AIM_OF_HIT[hit.kind];
  return { ...featurePart(hit.fid, hit.label, aim), hint: hint(hit.locality, hit.length_m), bbox: hit.bbox_4326 };
}

const AIM_OF_HIT: Record<Exclude<Hit['kind'], 'locality'>, Aim> = {
  street: 'street',
  address: 'around',
  district: 'inside',
  unit: 'inside',
};

export function partOfRow(row: FeatureRow, aim: Aim): FeaturePart {
  return { ...featurePart(row.fid, row.label, aim), hint: row.locality, bbox: row.bbox_4326 };
}

export function partOfLocality(row: LocalityRow): LocalityPart {
  return localityPart(row.simc, row.name, '');
}

export function partOfFeature(fid: number, { properties, bbox }: FeatureDetail): FeaturePart {
  const { label, locality, length_m } = properties;
  return {
    ...featurePart(fid, label, aimOf(properties.layer_kind, properties.geometry_type)),
    hint: hint(locality, length_m),
    bbox: bbox ?? null,
  };
}

/** Whom a layer's features can mean. */
export function aimOf(kind: string, geometryType: string): Aim {
  if (geometryType === 'polygon') return 'inside';
  return kind === 'street' ? 'street' : 'around';
}

function hint(locality: string, length_m: number | null): string {
  return [locality, length_m === null ? '' : metres(length_m, currentLang())].filter(Boolean).join(' · ');
}

const REACH_M: Record<Aim, number> = { street: 50, around: 100, inside: 0 };

function featurePart(fid: number, label: string, aim: Aim): FeaturePart {
  const reach = aim === 'street' ? 'addresses' : 'metres';
  return { kind: 'feature', fid, label, hint: '', bbox: null, aim, reach, reach_m: REACH_M[aim] };
}

function localityPart(simc: string, label: string, below: string): LocalityPart {
  return { kind: 'locality', simc, include_parts: true, label, hint: below, bbox: null };
}
