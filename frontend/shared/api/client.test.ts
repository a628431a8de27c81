import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../errors';
import { createApi, staffApi } from './client';

function answering(...responses: Response[]) {
  const fetching = vi.fn<typeof fetch>();
  for (const response of responses) fetching.mockResolvedValueOnce(response);
  vi.stubGlobal('fetch', fetching);
  return fetching;
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

beforeEach(() => {
  document.documentElement.lang = 'pl';
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a call', () => {
  it('says who asks, in which language, and sends JSON', async () => {
    const fetching = answering(json({ ref: 'a-1' }, 201));
    const api = createApi(() => ({ Authorization: 'Device 1:2' }));
    expect(await api.call('POST', '/alerts', { body: { kind: 'woda' } })).toEqual({ ref: 'a-1' });
    const [url, init] = fetching.mock.calls[0] ?? [];
    expect(url).toBe('/api/v1/alerts');
    expect(init).toMatchObject({
      method: 'POST',
      body: '{"kind":"woda"}',
      headers: { 'Content-Type': 'application/json', 'Accept-Language': 'pl', Authorization: 'Device 1:2' },
    });
  });

  it('of staff carries the CSRF token of the cookie', async () => {
    document.cookie = 'csrftoken=abc%2F1';
    const fetching = answering(new Response(null, { status: 204 }));
    expect(await staffApi().call('DELETE', '/alerts/a-1')).toBeNull();
    expect(fetching.mock.calls[0]?.[1]?.headers).toMatchObject({ 'X-CSRFToken': 'abc/1' });
  });

  it('that is refused throws what the server says, with its code and field', async () => {
    answering(json({ code: 'area_outside_gmina', message: 'Poza gminą.', field: 'parts.0', details: { n: 1 } }, 422));
    await expect(createApi(() => ({})).call('POST', '/x')).rejects.toMatchObject({
      status: 422,
      code: 'area_outside_gmina',
      message: 'Poza gminą.',
      field: 'parts.0',
      details: { n: 1 },
    });
  });

  it('answered by something that is not our API is told in our words', async () => {
    answering(new Response('<h1>502</h1>', { status: 502 }));
    await expect(createApi(() => ({})).call('GET', '/x')).rejects.toMatchObject({ status: 502, code: 'unexpected' });
  });

  it('without a network throws "network", given up on purpose it throws as it is', async () => {
    vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('failed')));
    await expect(createApi(() => ({})).call('GET', '/x')).rejects.toMatchObject({ code: 'network' });
    const controller = new AbortController();
    controller.abort();
    const given_up = createApi(() => ({})).call('GET', '/x', { signal: controller.signal });
    await expect(given_up).rejects.not.toBeInstanceOf(ApiError);
  });
});

describe('polling', () => {
  it('sends the tag back and learns that nothing changed', async () => {
    const fetching = answering(json({ n: 1 }, 200, { ETag: '"a"' }), new Response(null, { status: 304 }));
    const api = createApi(() => ({}));
    expect(await api.ask('GET', '/p')).toEqual({ unchanged: false, data: { n: 1 }, etag: '"a"' });
    expect(await api.ask('GET', '/p', { etag: '"a"' })).toEqual({ unchanged: true });
    expect(fetching.mock.calls[1]?.[1]?.headers).toMatchObject({ 'If-None-Match': '"a"' });
  });
});
