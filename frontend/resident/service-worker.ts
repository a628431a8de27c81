/// <reference lib="webworker" />
// Shows and reports a push when no page of the app is open, and opens the alert that is tapped.
import { notify, readPush, take } from './push';
import { report } from './receipts';
import { notifyStaff, readStaffPush } from './staff-push';
import { readCredentials } from './store';

const worker = self as unknown as ServiceWorkerGlobalScope;

worker.addEventListener('install', () => void worker.skipWaiting());
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener('push', (event) => event.waitUntil(onPush(event.data)));
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const shown = event.notification.data as { alert_ref: string } | { link: string };
  event.waitUntil('link' in shown ? worker.clients.openWindow(shown.link) : open(shown.alert_ref));
});

async function onPush(data: PushMessageData | null): Promise<void> {
  const body = data?.json() as { data?: unknown } | undefined;
  const told = readStaffPush(body?.data);
  if (told) {
    await notifyStaff(worker.registration, told);
    return;
  }
  const push = readPush(body?.data);
  const credentials = await readCredentials();
  if (!push || !credentials || !(await take(credentials, push))) return;
  await notify(worker.registration, push);
  await report(credentials, push.delivery_id, 'shown');
}

async function open(alert_ref: string): Promise<void> {
  const address = new URL(`./#/alerts/${alert_ref}`, worker.registration.scope).href;
  const pages = await worker.clients.matchAll({ type: 'window' });
  const page = pages[0];
  if (!page) await worker.clients.openWindow(address);
  else {
    await page.navigate(address);
    await page.focus();
  }
}
