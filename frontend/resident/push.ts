// Payload v1 (docs/dispatch.md): what one push carries, whichever way it came.
import { report } from './receipts';
import { type Credentials, isNewDelivery, rememberDelivery } from './store';

export interface Push {
  readonly alert_ref: string;
  readonly message_id: string;
  readonly delivery_id: string;
  readonly kind: string;
  readonly severity: string;
  readonly lang: string;
  readonly title: string;
  readonly body: string;
}

const FIELDS = ['alert_ref', 'message_id', 'delivery_id', 'kind', 'severity', 'lang', 'title', 'body'] as const;
const VERSION = '1';

/** The push in `data`; null for anything that is not version 1 of our payload. */
export function readPush(data: unknown): Push | null {
  if (typeof data !== 'object' || data === null) return null;
  const record = data as Record<string, unknown>;
  const isOurs = record.v === VERSION && FIELDS.every((field) => typeof record[field] === 'string');
  return isOurs ? (record as unknown as Push) : null;
}

/** Takes a push in and reports it; false for a repeat, which is not shown again. */
export async function take(credentials: Credentials, push: Push): Promise<boolean> {
  if (!(await isNewDelivery(push.delivery_id))) return false;
  await rememberDelivery(push.alert_ref, push.delivery_id);
  await report(credentials, push.delivery_id, 'received');
  return true;
}

/** Shows it in the system's own list; one tag an alert, so that an update takes the old one's place. */
export async function notify(registration: ServiceWorkerRegistration, push: Push): Promise<void> {
  await registration.showNotification(push.title, {
    body: push.body,
    tag: push.alert_ref,
    lang: push.lang,
    icon: 'icon.svg',
    requireInteraction: push.severity === 'emergency',
    data: { alert_ref: push.alert_ref },
    // An update sounds again though it replaces (not yet in TypeScript's library).
    ...{ renotify: true },
  });
}
