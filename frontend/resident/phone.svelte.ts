// This installation: who it is, its places and alerts, and what comes in. One object for the whole app.
import { createApi, type Api } from '../shared/api/client';
import type { Schemas } from '../shared/api/types';
import { currentLang } from '../shared/i18n';
import { listen } from './emulator';
import { notify, take, type Push } from './push';
import { authorization, flush, report } from './receipts';
import { notifyStaff, type StaffPush } from './staff-push';
import { type Credentials, deliveryOf, forgetAll, keepCredentials, readCredentials } from './store';

export type Place = Schemas['Place'];
export type PlaceKind = Place['kind'];
export type Alert = Schemas['FeedAlert'];
export type Kind = Schemas['Kind'];
export type NewPlace = Schemas['NewPlace'];

/** What the server says of itself to the app. */
interface Config {
  readonly emulator: boolean;
}

export class Phone {
  credentials: Credentials | null = $state(null);
  places: readonly Place[] = $state.raw([]);
  alerts: readonly Alert[] = $state.raw([]);
  /** The push that came last while the app was open, to be announced on the page. */
  arrived: Push | null = $state.raw(null);
  readonly api: Api = createApi(() => (this.credentials ? { Authorization: authorization(this.credentials) } : {}));
  /** What the server says of itself; a demonstration's addresses and people are made. */
  config: Config = $state.raw({ emulator: false });
  private worker: ServiceWorkerRegistration | null = null;
  /** What was done with alerts that the list had before their push came. */
  private untold: { alert_ref: string; event: 'opened' | 'confirmed' }[] = [];

  /** Reads what the phone remembers; asks the server for places and alerts where it is registered. */
  async start(): Promise<void> {
    this.config = await readConfig();
    this.credentials = await readCredentials();
    if (this.credentials) await this.wake(this.credentials);
  }

  /** Registers this installation; nothing is sent to the server before. */
  async register(): Promise<void> {
    if (this.credentials) return;
    const push = this.config.emulator ? `web-${crypto.randomUUID()}` : null;
    const answer = await this.api.call<Schemas['Registered']>('POST', '/devices', {
      body: { platform: 'web', lang: currentLang(), push: push ? { kind: 'token', value: push } : null },
    });
    await this.become({ device_id: answer.device_id, secret: answer.secret, push });
  }

  /** Takes on a phone of the demonstration's simulated residents. */
  async adopt(credentials: Credentials): Promise<void> {
    if (!this.config.emulator) return;
    await forgetAll();
    await this.become(credentials);
  }

  async addPlace(place: NewPlace): Promise<Place> {
    await this.register();
    const added = await this.api.call<Place>('POST', '/places', { body: place });
    await this.refresh();
    return added;
  }

  async removePlace(id: string): Promise<void> {
    await this.api.call('DELETE', `/places/${id}`);
    await this.refresh();
  }

  async chooseGmina(id: string, gmina: string): Promise<void> {
    await this.api.call('PATCH', `/places/${id}`, { body: { gmina } });
    await this.refresh();
  }

  async refresh(): Promise<void> {
    [this.places, this.alerts] = await Promise.all([
      this.api.call<Place[]>('GET', '/places'),
      this.api.call<Alert[]>('GET', '/alerts/active'),
    ]);
  }

  alert(ref: string): Promise<Alert> {
    return this.api.call<Alert>('GET', `/alerts/${encodeURIComponent(ref)}`);
  }

  /** Reports that an alert was opened or confirmed, at once or when its push comes; nothing where none does. */
  async tell(alert_ref: string, event: 'opened' | 'confirmed'): Promise<void> {
    const delivery = await deliveryOf(alert_ref);
    if (this.credentials && delivery) await report(this.credentials, delivery, event);
    else this.untold.push({ alert_ref, event });
  }

  /** Erases the resident on the server and everything on the phone. */
  async erase(): Promise<void> {
    await this.api.call('DELETE', '/residents/me');
    await forgetAll();
    location.replace('./');
  }

  private async become(credentials: Credentials): Promise<void> {
    await keepCredentials(credentials);
    this.credentials = credentials;
    await this.wake(credentials);
  }

  private async wake(credentials: Credentials): Promise<void> {
    this.worker ??= await registerWorker();
    await this.api.call('PATCH', '/devices/me', { body: { lang: currentLang() } });
    await this.refresh();
    void flush(credentials);
    if (credentials.push && this.config.emulator) {
      const onpush = (push: Push) => this.onPush(credentials, push);
      listen(credentials.push, onpush, (told) => this.onTold(told));
    }
  }

  private async onTold(told: StaffPush): Promise<void> {
    if (this.worker && Notification.permission === 'granted') await notifyStaff(this.worker, told);
  }

  private async tellLate(alert_ref: string): Promise<void> {
    const late = this.untold.filter((one) => one.alert_ref === alert_ref);
    this.untold = this.untold.filter((one) => one.alert_ref !== alert_ref);
    for (const { event } of late) await this.tell(alert_ref, event);
  }

  private async onPush(credentials: Credentials, push: Push): Promise<void> {
    if (!(await take(credentials, push))) return;
    this.arrived = push;
    await report(credentials, push.delivery_id, 'shown');
    await this.tellLate(push.alert_ref);
    await this.refresh();
    if (this.worker && Notification.permission === 'granted') await notify(this.worker, push);
  }
}

async function readConfig(): Promise<Config> {
  const response = await fetch('./config.json').catch(() => null);
  return response?.ok ? ((await response.json()) as Config) : { emulator: false };
}

async function registerWorker(): Promise<ServiceWorkerRegistration | null> {
  if (!('serviceWorker' in navigator)) return null;
  return navigator.serviceWorker.register('./service-worker.js', { type: 'module' }).catch(() => null);
}
