// What the office tells its own people on their phones (dispatch/staff_push.py): no alert, no receipts.

export interface StaffPush {
  readonly kind: string;
  readonly gmina: string;
  readonly alert_ref: string;
  readonly lang: string;
  readonly title: string;
  readonly body: string;
  readonly link: string;
}

const FIELDS = ['kind', 'gmina', 'alert_ref', 'lang', 'title', 'body', 'link'] as const;

/** The notice in `data`; null for anything that is not version 1 of it, an alert's push too. */
export function readStaffPush(data: unknown): StaffPush | null {
  if (typeof data !== 'object' || data === null) return null;
  const record = data as Record<string, unknown>;
  const isOurs = record.v === '1' && record.type === 'staff' && FIELDS.every((field) => typeof record[field] === 'string');
  return isOurs && isWebAddress(record.link as string) ? (record as unknown as StaffPush) : null;
}

/** Shows it in the system's own list; the newest of one kind about one alert takes the place of the one before. */
export async function notifyStaff(registration: ServiceWorkerRegistration, push: StaffPush): Promise<void> {
  await registration.showNotification(push.title, {
    body: push.body,
    tag: `staff-${push.gmina}-${push.kind}-${push.alert_ref}`,
    lang: push.lang,
    icon: 'icon.svg',
    data: { link: push.link },
    ...{ renotify: true },
  });
}

function isWebAddress(link: string): boolean {
  return /^https?:\/\//.test(link);
}
