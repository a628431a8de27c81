import type { Geometry } from 'geojson';

import type { Shape } from '../../shared/map/draw';
import { wallTime } from '../../shared/time';
import type { Severity } from './api';
import type { Composer } from './composer.svelte';
import { emptyDraft, type Draft, type Text } from './draft';
import { partOfFeature } from './hits';
import { bboxOfShape, type Part } from './parts';

interface WireAlert {
  kind: string;
  severity: Severity;
  texts: Partial<Record<'pl' | 'en', Text>>;
  parts: LabelledPart[];
  event_ends_at: string | null;
  expires_at: string;
}
type LabelledPart = { label: string } & (
  | { kind: 'feature'; fid: number; reach: 'addresses' | 'metres'; reach_m: number }
  | { kind: 'drawn'; geometry: Geometry; reach_m: number }
  | { kind: 'locality'; simc: string; include_parts: boolean }
  | { kind: 'gmina' }
);

/** The draft that the server keeps, with what the map needs to show its parts. */
export async function loadDraft(composer: Composer, ref: string): Promise<Draft> {
  const alert = await composer.fetchDraft<WireAlert>(ref);
  const blank = emptyDraft(new Date());
  return {
    parts: await Promise.all(alert.parts.map((part) => fullPart(composer, part))),
    kind: alert.kind,
    severity: alert.severity,
    pl: alert.texts.pl ?? blank.pl,
    en: alert.texts.en ?? blank.en,
    ends: alert.event_ends_at === null ? '' : wallTime(new Date(alert.event_ends_at)),
    expires: wallTime(new Date(alert.expires_at)),
  };
}

async function fullPart(composer: Composer, part: LabelledPart): Promise<Part> {
  const named = { label: part.label, hint: '', bbox: null };
  switch (part.kind) {
    case 'feature': {
      const found = partOfFeature(part.fid, await composer.ask.feature(part.fid));
      return { ...found, reach: part.reach, reach_m: part.reach === 'metres' ? part.reach_m : found.reach_m };
    }
    case 'drawn': {
      const geometry = part.geometry as Shape;
      return { ...named, kind: 'drawn', geometry, reach_m: part.reach_m, bbox: bboxOfShape(geometry) };
    }
    case 'locality':
      return { ...named, kind: 'locality', simc: part.simc, include_parts: part.include_parts };
    case 'gmina':
      return { ...named, kind: 'gmina' };
  }
}
