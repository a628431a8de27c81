/** The app's pages, by the part of the address after "#": no server is asked, Capacitor has none. */
export type Route =
  | { readonly page: 'alerts' | 'places' | 'topics' | 'data' }
  | { readonly page: 'alert'; readonly ref: string }
  | { readonly page: 'adopt'; readonly device_id: string; readonly secret: string; readonly push: string };

const PAGES = ['places', 'topics', 'data'] as const;

export function readRoute(hash: string): Route {
  const [first = '', ...rest] = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  if (first === 'alerts' && rest[0]) return { page: 'alert', ref: rest[0] };
  const [device_id, secret, push] = rest;
  if (first === 'adopt' && device_id && secret && push) return { page: 'adopt', device_id, secret, push };
  return { page: PAGES.find((page) => page === first) ?? 'alerts' };
}
