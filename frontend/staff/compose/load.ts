import type { Schemas } from '../../shared/api/types';
import { ApiError } from '../../shared/errors';
import type { Shape } from '../../shared/map/draw';
import { wallTime } from '../../shared/time';
import type { Composer } from './composer.svelte';
import { emptyDraft, type Draft } from './draft';
import { addressPart, partOfFeature } from './hits';
import { planOf } from './plan';
import { bboxOfShape, type FeaturePart, type Part } from './parts';

type LabelledPart = Schemas['LabelledPart'];

/** The draft that the server keeps, with what the map needs to show its parts. */
export async function loadDraft(composer: Composer, ref: string): Promise<Draft> {
  const alert = await composer.fetchDraft(ref);
  const blank = emptyDraft(new Date());
  return {
    parts: await Promise.all(alert.parts.map((part) => fullPart(composer, part))),
    kind: alert.kind,
    severity: alert.severity,
    pl: alert.texts.pl ?? blank.pl,
    en: alert.texts.en ?? blank.en,
    plan: planOf(alert),
    ends: alert.event_ends_at === null ? '' : wallTime(new Date(alert.event_ends_at)),
    expires: wallTime(new Date(alert.expires_at)),
    template: alert.template === null ? null : { id: alert.template, values: {} },
    isDrill: alert.is_drill,
  };
}

export async function fullPart(composer: Composer, part: LabelledPart): Promise<Part> {
  const { kind, label, fid = 0, reach = 'addresses', reach_m = 0, simc = '', ulic = '', include_parts = true } = part;
  const { numbers = '' } = part;
  const named = { label, hint: '', bbox: null };
  switch (kind) {
    case 'feature': {
      const found = await featureOf(composer, fid, label);
      return { ...found, reach, numbers, reach_m: reach === 'metres' ? reach_m : found.reach_m };
    }
    case 'drawn': {
      const geometry = part.geometry as Shape;
      return { ...named, kind, geometry, reach_m, bbox: bboxOfShape(geometry) };
    }
    case 'locality':
      return { ...named, kind, simc, include_parts, numbers };
    case 'street':
      return { ...named, kind, simc, ulic, numbers };
    case 'gmina':
      return { ...named, kind };
  }
}

/** An address is in no layer that the map shows features of: its label is all there is. */
async function featureOf(composer: Composer, fid: number, label: string): Promise<FeaturePart> {
  try {
    return partOfFeature(await composer.ask.feature(fid));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    return addressPart(fid, label);
  }
}
