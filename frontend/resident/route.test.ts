import { describe, expect, test } from 'vitest';

import { readRoute } from './route';

describe('readRoute', () => {
  test.each([
    ['', { page: 'alerts' }],
    ['#/', { page: 'alerts' }],
    ['#/places', { page: 'places' }],
    ['#/alerts/chorzow-2026-1', { page: 'alert', ref: 'chorzow-2026-1' }],
    ['#/nowhere', { page: 'alerts' }],
    ['#/adopt/id/secret/token', { page: 'adopt', device_id: 'id', secret: 'secret', push: 'token' }],
    ['#/adopt/id', { page: 'alerts' }],
  ])('%s', (hash, route) => {
    expect(readRoute(hash)).toEqual(route);
  });
});
