import type { Geometry } from 'geojson';

import { t } from '../../shared/i18n';
import type { ApiError } from '../../shared/errors';
import type { Shape } from '../../shared/map/draw';
import { bboxOfShape, keyOf, type DrawnPart, type Part } from './parts';

/** A drawn part that lies too far outside the gmina to be sent, and what the server offers instead. */
export interface Clipping {
  readonly part: DrawnPart;
  /** What lies outside (EPSG:4326). */
  readonly outside: Geometry;
  /** What is left inside: the border may cut a shape into several. */
  readonly clip: readonly Shape[];
  /** From 0 to 1. */
  readonly share: number;
}

const FIELD = /^parts\.(\d+)$/;

/** What can be clipped after this refusal; null where it is about something else or a part long gone. */
export function clippingOf(error: ApiError, parts: readonly Part[]): Clipping | null {
  const part = parts[Number(FIELD.exec(error.field ?? '')?.[1])];
  if (error.code !== 'drawn_outside' || part?.kind !== 'drawn') return null;
  const { outside, clip, outside_share } = error.details as { outside: Geometry; clip: Shape[]; outside_share: number };
  return { part, outside, clip, share: outside_share };
}

/** The parts with the clipped shapes in the place of the refused one. */
export function clipped(parts: readonly Part[], { part, clip }: Clipping): Part[] {
  return parts.flatMap((other) => (keyOf(other) === keyOf(part) ? clip.map((shape, i) => pieceOf(part, shape, i, clip.length)) : other));
}

function pieceOf(part: DrawnPart, geometry: Shape, i: number, of: number): DrawnPart {
  const label = of === 1 ? part.label : t('clip.piece', { label: part.label, number: i + 1 });
  return { ...part, geometry, label, bbox: bboxOfShape(geometry) };
}
