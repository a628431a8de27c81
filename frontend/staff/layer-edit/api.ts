import type { Geometry } from 'geojson';

import type { Api } from '../../shared/api/client';
import type { Schemas } from '../../shared/api/types';
import type { Gesture } from '../../shared/geo/gesture';
import type { Bbox, LonLat } from '../../shared/geo/lon-lat';

export type Board = Schemas['Board'];
export type Edited = Schemas['Edited'];
export interface Words {
  readonly name: string;
  readonly code: string;
  readonly simc: string;
  readonly attrs: Record<string, unknown>;
}
/** fid to ETag of every feature that is on the officer's map. */
type Seen = Record<string, string>;

/** What the map editor asks of one layer. */
export function editApi(api: Api, gmina: string, layer: string, edition: number | null) {
  const root = `/gminas/${gmina}/layers/${layer}/edits`;
  const path = (end: string) => `${root}/${end}${edition === null ? '' : `?edition=${edition}`}`;
  const post = (end: string, body?: unknown) => api.call<Board>('POST', path(end), body === undefined ? {} : { body });
  return {
    board([west, south, east, north]: Bbox, signal: AbortSignal) {
      const query = new URLSearchParams(Object.entries({ west, south, east, north }).map(([key, value]) => [key, String(value)]));
      if (edition !== null) query.set('edition', String(edition));
      return api.call<Board>('GET', `${root}/board?${query.toString()}`, { signal });
    },
    draw: (geometry: Geometry, words: Partial<Words>) => post('features', { ...words, geometry }),
    change: ({ id, etag }: Edited, fields: Partial<Words> & { geometry?: Geometry }) =>
      api.call<Board>('PATCH', path(`features/${id}`), { body: fields, ifMatch: etag }),
    remove: ({ id, etag }: Edited) => api.call<Board>('DELETE', path(`features/${id}`), { ifMatch: etag }),
    border(gesture: Gesture, seen: Seen) {
      if (gesture.kind === 'remove') return post('vertex', { at: gesture.at, seen });
      const from = gesture.kind === 'move' ? { start: gesture.start } : { side: gesture.side };
      return post('move', { ...from, end: gesture.end, seen });
    },
    split: (fid: number, line: readonly LonLat[], seen: Seen) => post('split', { fid, line, seen }),
    merge: (fids: readonly number[], seen: Seen) => post('merge', { fids, seen }),
    settle: (fid: number, keep: 'mine' | 'published') => post(`features/${fid}/settle`, { keep }),
    undo: () => post('undo'),
    redo: () => post('redo'),
  };
}
