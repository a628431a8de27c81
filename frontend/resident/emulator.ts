// In a demonstration the page listens to the FCM emulator for its own token; a real phone is pushed to.
import { poll, type Poll } from '../shared/poll';
import { readPush, type Push } from './push';
import { readStaffPush, type StaffPush } from './staff-push';

// A push takes a second or two, so that whoever tries the system out is told as soon.
const SLOWEST_MS = 2_000;

interface Inbox {
  readonly last: number;
  readonly messages: readonly { readonly n: number; readonly message: { readonly data?: unknown } }[];
}

/** Calls `onpush` for every alert to `token`, old ones too: the phone drops what it has seen; `ontold` for notices. */
export function listen(
  token: string,
  onpush: (push: Push) => Promise<void>,
  ontold: (told: StaffPush) => Promise<void>,
): Poll {
  let after = 0;
  return poll(async (signal) => {
    const response = await fetch(`./emulator/inbox/${encodeURIComponent(token)}?after=${after}`, { signal });
    if (!response.ok) throw new Error(`inbox: ${response.status}`);
    const { messages } = (await response.json()) as Inbox;
    for (const { n, message } of messages) {
      const push = readPush(message.data);
      if (push) await onpush(push);
      const told = readStaffPush(message.data);
      if (told) await ontold(told);
      after = Math.max(after, n);
    }
    return messages.length > 0 ? 'changed' : 'unchanged';
  }, { slowest_ms: SLOWEST_MS });
}
