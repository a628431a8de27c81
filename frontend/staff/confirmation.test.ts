import { beforeEach, describe, expect, it } from 'vitest';

import { ApiError } from '../shared/errors';
import { confirmationUrl, setAside, takeUp } from './confirmation';

const PAGE = '/staff/chorzow/alerts/chorzow-2026-1/';

describe('the page that takes a code', () => {
  it('is told by the refusal and leads back', () => {
    const refusal = new ApiError(403, 'confirmation_needed', 'Potwierdź.', null, { url: '/account/confirm/' });
    expect(confirmationUrl(refusal, PAGE)).toBe('/account/confirm/?next=%2Fstaff%2Fchorzow%2Falerts%2Fchorzow-2026-1%2F');
  });
  it('is not for other refusals', () => {
    expect(confirmationUrl(new ApiError(403, 'forbidden', 'Nie.', null, { url: '/x/' }), PAGE)).toBeNull();
    expect(confirmationUrl(new ApiError(403, 'confirmation_needed', 'Potwierdź.'), PAGE)).toBeNull();
  });
});

describe('a move set aside', () => {
  beforeEach(() => {
    sessionStorage.clear();
  });
  it('is taken up once, with its words, for its own alert only', () => {
    setAside(sessionStorage, 'chorzow', 'a-1', { move: 'withdraw', words: 'Pomyłka.' });
    expect(takeUp(sessionStorage, 'chorzow', 'a-2')).toBeNull();
    expect(takeUp(sessionStorage, 'chorzow', 'a-1')).toEqual({ move: 'withdraw', words: 'Pomyłka.' });
    expect(takeUp(sessionStorage, 'chorzow', 'a-1')).toBeNull();
  });
});
