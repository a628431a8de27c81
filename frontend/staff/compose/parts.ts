import { linesOf } from '../../shared/geo/coordinates';
import type { Bbox } from '../../shared/geo/lon-lat';
import { bboxOf } from '../../shared/geo/bbox';
import type { Shape } from '../../shared/map/draw';

/** One thing the officer chose, as the panel shows it. */
export type Part = FeaturePart | LocalityPart | StreetPart | DrawnPart | GminaPart;

/** Whom a feature can mean: those at its addresses (or some metres around), around it, or inside it. */
export type Aim = 'street' | 'around' | 'inside';

interface Named {
  readonly label: string;
  /** Second line: the locality, a length. */
  readonly hint: string;
  readonly bbox: Bbox | null;
}
export interface FeaturePart extends Named {
  readonly kind: 'feature';
  readonly fid: number;
  readonly aim: Aim;
  readonly locality: string;
  readonly reach: 'addresses' | 'metres';
  readonly reach_m: number;
  readonly numbers: string;
}
export interface LocalityPart extends Named {
  readonly kind: 'locality';
  readonly simc: string;
  readonly include_parts: boolean;
  readonly numbers: string;
}
/** A street of the register that has no line on the map: it means its addresses. */
export interface StreetPart extends Named {
  readonly kind: 'street';
  readonly simc: string;
  readonly ulic: string;
  readonly numbers: string;
}
export interface DrawnPart extends Named {
  readonly kind: 'drawn';
  readonly geometry: Shape;
  readonly reach_m: number;
}
export interface GminaPart extends Named {
  readonly kind: 'gmina';
}

/** What the REST API takes and gives back (part of AudienceRequest and Alert). */
export type WirePart =
  | { kind: 'feature'; fid: number; reach: 'addresses'; numbers?: string }
  | { kind: 'feature'; fid: number; reach: 'metres'; reach_m: number }
  | { kind: 'drawn'; geometry: Shape; reach_m: number }
  | { kind: 'locality'; simc: string; include_parts: boolean; numbers?: string }
  | { kind: 'street'; simc: string; ulic: string; numbers?: string }
  | { kind: 'gmina' };

export function wire(part: Part): WirePart {
  switch (part.kind) {
    case 'feature':
      return part.reach === 'addresses'
        ? { kind: 'feature', fid: part.fid, reach: 'addresses', ...numbersOf(part) }
        : { kind: 'feature', fid: part.fid, reach: 'metres', reach_m: part.reach_m };
    case 'locality':
      return { kind: 'locality', simc: part.simc, include_parts: part.include_parts, ...numbersOf(part) };
    case 'street':
      return { kind: 'street', simc: part.simc, ulic: part.ulic, ...numbersOf(part) };
    case 'drawn':
      return { kind: 'drawn', geometry: part.geometry, reach_m: part.reach_m };
    case 'gmina':
      return { kind: 'gmina' };
  }
}

/** House numbers limit a part; it has none where all of it is meant. */
function numbersOf({ numbers }: { readonly numbers: string }): { numbers?: string } {
  return numbers.trim() === '' ? {} : { numbers: numbers.trim() };
}

/** The same thing chosen twice has one key, whatever its reach. */
export function keyOf(part: Part): string {
  switch (part.kind) {
    case 'feature':
      return `f${part.fid}`;
    case 'locality':
      return `l${part.simc}`;
    case 'street':
      return `s${part.simc}/${part.ulic}`;
    case 'drawn':
      return `d${JSON.stringify(part.geometry.coordinates)}`;
    case 'gmina':
      return 'g';
  }
}

/** What stands alone on the map: of three streets of one name in a gmina of villages, each with its village. */
export function fullName(part: Part, isTown: boolean): string {
  const locality = part.kind === 'feature' && !isTown ? part.locality : '';
  return locality ? `${part.label}, ${locality}` : part.label;
}

export function includes(parts: readonly Part[], part: Part): boolean {
  return parts.some((other) => keyOf(other) === keyOf(part));
}

/** Chosen if it was not, else taken away. The whole gmina stands alone: it takes the rest's place. */
export function toggled(parts: readonly Part[], part: Part): Part[] {
  if (includes(parts, part)) return without(parts, keyOf(part));
  if (part.kind === 'gmina') return [part];
  return [...parts.filter((other) => other.kind !== 'gmina'), part];
}

export function without(parts: readonly Part[], key: string): Part[] {
  return parts.filter((part) => keyOf(part) !== key);
}

export function replaced(parts: readonly Part[], key: string, by: Part): Part[] {
  return parts.map((part) => (keyOf(part) === key ? by : part));
}

/** A drawn shape's box, for showing it on the map. */
export function bboxOfShape(geometry: Shape): Bbox | null {
  return bboxOf(linesOf(geometry).flat());
}
