import { ApiError } from '../errors';
import { t } from '../i18n';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export interface CallOptions {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Tag of the answer one has: with it the server may say that nothing changed. */
  readonly etag?: string;
  /** Tag of what is to be changed: another version of it is left alone (412). */
  readonly ifMatch?: string;
  /** Names the request, so that a repeated one is carried out once. */
  readonly idempotencyKey?: string;
}
/** `unchanged`: the server answered 304 to `etag`. */
export type Answer<T> =
  | { readonly unchanged: true }
  | { readonly unchanged: false; readonly data: T; readonly etag: string | null };
export type Api = ReturnType<typeof createApi>;

const TIMEOUT_MS = 20_000;

/**
 * A client of /api/v1/. `credentials` gives the headers that say who asks: a session's CSRF token
 * or a device's secret. Throws ApiError, with code "network" where no answer came.
 */
export function createApi(credentials: () => Record<string, string>, root = '/api/v1') {
  async function exchange(method: Method, path: string, options: CallOptions): Promise<Response> {
    const init: RequestInit = {
      method,
      headers: headersOf(options, credentials()),
      signal: withTimeout(options.signal),
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    };
    try {
      return await fetch(root + path, init);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new ApiError(0, 'network', t('error.network'));
    }
  }

  async function ask<T>(method: Method, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    const response = await exchange(method, path, options);
    if (response.status === 304) return { unchanged: true };
    if (!response.ok) throw await refusal(response);
    const data = (response.status === 204 ? null : await response.json()) as T;
    return { unchanged: false, data, etag: response.headers.get('ETag') };
  }

  async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
    const answer = await ask<T>(method, path, options);
    if (answer.unchanged) throw new ApiError(304, 'unchanged', t('error.unexpected'));
    return answer.data;
  }

  return { ask, call };
}

/** The staff panel's client: the session's cookie goes by itself, the CSRF token in a header. */
export function staffApi(): Api {
  return createApi(() => ({ 'X-CSRFToken': cookie('csrftoken') }));
}

function headersOf(options: CallOptions, credentials: Record<string, string>): Record<string, string> {
  return {
    Accept: 'application/json',
    'Accept-Language': document.documentElement.lang,
    ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(options.etag === undefined ? {} : { 'If-None-Match': options.etag }),
    ...(options.ifMatch === undefined ? {} : { 'If-Match': options.ifMatch }),
    ...(options.idempotencyKey === undefined ? {} : { 'Idempotency-Key': options.idempotencyKey }),
    ...credentials,
  };
}

function withTimeout(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}

async function refusal(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== 'object' || body === null || !('code' in body) || !('message' in body)) {
    return new ApiError(response.status, 'unexpected', t('error.unexpected'));
  }
  const { code, message, field, details } = body as Record<string, unknown>;
  return new ApiError(
    response.status,
    String(code),
    String(message),
    typeof field === 'string' ? field : null,
    (details ?? {}) as Record<string, unknown>,
  );
}

function cookie(name: string): string {
  const found = document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : '';
}
