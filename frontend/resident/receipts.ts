// Receipts wait on the phone until the server has them; they go out in batches.
import { type Credentials, type Receipt, type ReceiptEvent, addReceipts, dropReceipts, waitingReceipts } from './store';

/** The server's limit of one request. */
const BATCH = 500;

let sending: Promise<void> = Promise.resolve();

/** Notes the events of one delivery and tries to report them. */
export async function report(credentials: Credentials, delivery_id: string, ...events: ReceiptEvent[]): Promise<void> {
  const at = new Date().toISOString();
  await addReceipts(events.map((event) => ({ delivery_id, event, at })));
  await flush(credentials);
}

/** Sends what waits, one batch after another; what gets no answer stays for the next time. */
export function flush(credentials: Credentials): Promise<void> {
  sending = sending.then(() => sendAll(credentials)).catch(() => undefined);
  return sending;
}

async function sendAll(credentials: Credentials): Promise<void> {
  for (let batch = await nextBatch(); batch.length > 0; batch = await nextBatch()) {
    const response = await fetch('/api/v1/receipts', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: authorization(credentials) },
      body: JSON.stringify({ receipts: batch }),
      keepalive: true,
    });
    // A refused receipt is refused for good; only what nobody answered is worth a second try.
    if (response.status >= 500 || response.status === 429) return;
    await dropReceipts(batch.length);
  }
}

async function nextBatch(): Promise<readonly Receipt[]> {
  return (await waitingReceipts()).slice(0, BATCH);
}

export function authorization({ device_id, secret }: Credentials): string {
  return `Device ${device_id}:${secret}`;
}
