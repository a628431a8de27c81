import { currentLang, t } from '../../shared/i18n';
import { metres } from '../../shared/i18n/numbers';
import type { Bbox } from '../../shared/geo/lon-lat';
import type { FeatureDetail, FeatureRow, Hit, LocalityRow } from './api';
import type { Aim, FeaturePart, LocalityPart, Part } from './parts';

/** Reach offered first for drawn lines and points. */
export const DRAWN_REACH_M = 50;

/** What choosing a hit means; null for what the map doesn't hold. */
export function partOfHit(hit: Hit): Part | null {
  if (hit.kind === 'locality') return { ...localityPart(hit.simc, hit.label, hit.locality), bbox: boxOfHit(hit) };
  if (hit.kind === 'unit') return { kind: 'gmina', label: hit.label, hint: t('map.whole_gmina'), bbox: boxOfHit(hit) };
  if (hit.fid === null) return null;
  const aim = AIM_OF_HIT[hit.kind];
  const part = featurePart(hit.fid, hit.label, aim, hit.locality);
  return { ...part, hint: hint(hit.locality, hit.length_m), bbox: boxOfHit(hit) };
}

const AIM_OF_HIT: Record<Exclude<Hit['kind'], 'locality' | 'unit'>, Aim> = {
  street: 'street',
  address: 'around',
  district: 'inside',
};

/** An address has no box, but a place. */
function boxOfHit({ bbox_4326, lon, lat }: Hit): Bbox | null {
  return bbox_4326 ? boxOf(bbox_4326) : lon === null || lat === null ? null : [lon, lat, lon, lat];
}

function boxOf([west, south, east, north]: readonly number[]): Bbox | null {
  if (west === undefined || south === undefined || east === undefined || north === undefined) return null;
  return [west, south, east, north];
}

export function partOfRow(row: FeatureRow, aim: Aim): FeaturePart {
  return { ...featurePart(row.fid, row.label, aim, row.locality), hint: row.locality, bbox: boxOf(row.bbox) };
}

export function partOfLocality({ simc, name, lon, lat }: LocalityRow): LocalityPart {
  const bbox: Bbox | null = lon === null || lat === null ? null : [lon, lat, lon, lat];
  return { ...localityPart(simc, name, t('who.locality')), bbox };
}

export function partOfFeature(feature: FeatureDetail): FeaturePart {
  const { label, locality, length_m, kind } = feature.properties;
  const geometryType = feature.geometry.type.endsWith('Polygon') ? 'polygon' : 'line';
  return {
    ...featurePart(feature.id, label, aimOf(kind, geometryType), locality),
    hint: hint(locality, length_m),
    bbox: boxOf(feature.bbox),
  };
}

export function addressPart(fid: number, label: string): FeaturePart {
  return featurePart(fid, label, 'around', '');
}

/** Whom a layer's features can mean. */
export function aimOf(kind: string, geometryType: 'point' | 'line' | 'polygon'): Aim {
  if (geometryType === 'polygon') return 'inside';
  return kind === 'street' ? 'street' : 'around';
}

function hint(locality: string, length_m: number | null): string {
  return [locality, length_m === null ? '' : metres(length_m, currentLang())].filter(Boolean).join(' · ');
}

const REACH_M: Record<Aim, number> = { street: 50, around: 100, inside: 0 };

function featurePart(fid: number, label: string, aim: Aim, locality: string): FeaturePart {
  const reach = aim === 'street' ? 'addresses' : 'metres';
  return { kind: 'feature', fid, label, hint: '', bbox: null, aim, locality, reach, reach_m: REACH_M[aim], numbers: '' };
}

function localityPart(simc: string, label: string, below: string): LocalityPart {
  return { kind: 'locality', simc, include_parts: true, numbers: '', label, hint: below, bbox: null };
}
