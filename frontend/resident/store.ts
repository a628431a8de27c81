// What the phone remembers, in IndexedDB: the service worker has no other memory.
import { createStore, get, set, update, clear } from 'idb-keyval';

import type { Schemas } from '../shared/api/types';

export type ReceiptEvent = Schemas['Receipt']['event'];
export interface Receipt {
  readonly delivery_id: string;
  readonly event: ReceiptEvent;
  readonly at: string;
}
/** Who this installation is. `push` is null where nothing can be pushed to it. */
export interface Credentials {
  readonly device_id: string;
  readonly secret: string;
  readonly push: string | null;
}

/** So many deliveries are remembered to drop a repeat: FCM may bring one twice, weeks apart never. */
const SEEN_MAX = 200;
const store = createStore('alert-online', 'phone');

export async function readCredentials(): Promise<Credentials | null> {
  return (await get<Credentials>('credentials', store)) ?? null;
}

export async function keepCredentials(credentials: Credentials): Promise<void> {
  await set('credentials', credentials, store);
}

/** Forgets everything, as after an erasure. */
export async function forgetAll(): Promise<void> {
  await clear(store);
}

/** True the first time a delivery is seen on this phone. */
export async function isNewDelivery(delivery_id: string): Promise<boolean> {
  let isNew = false;
  await update<readonly string[]>(
    'seen',
    (seen = []) => {
      isNew = !seen.includes(delivery_id);
      return isNew ? [...seen, delivery_id].slice(-SEEN_MAX) : seen;
    },
    store,
  );
  return isNew;
}

/** Which delivery last brought each alert: what is opened is reported for it. */
export async function rememberDelivery(alert_ref: string, delivery_id: string): Promise<void> {
  await update<Readonly<Record<string, string>>>('deliveries', (known = {}) => ({ ...known, [alert_ref]: delivery_id }), store);
}

export async function deliveryOf(alert_ref: string): Promise<string | null> {
  const known = await get<Readonly<Record<string, string>>>('deliveries', store);
  return known?.[alert_ref] ?? null;
}

export async function addReceipts(receipts: readonly Receipt[]): Promise<void> {
  await update<readonly Receipt[]>('receipts', (waiting = []) => [...waiting, ...receipts], store);
}

export async function waitingReceipts(): Promise<readonly Receipt[]> {
  return (await get<readonly Receipt[]>('receipts', store)) ?? [];
}

/** Removes the first `count` of the waiting receipts: those that the server has answered. */
export async function dropReceipts(count: number): Promise<void> {
  await update<readonly Receipt[]>('receipts', (waiting = []) => waiting.slice(count), store);
}
