import type { Api } from '../../shared/api/client';
import type { Schemas } from '../../shared/api/types';
import { ApiError } from '../../shared/errors';
import { composerApi, type Audience, type KindInfo, type Severity } from './api';
import { confirmationUrl, setAside } from '../confirmation';
import { clipped, clippingOf, type Clipping } from './clipping';
import { emptyDraft, faultsOf, hasText, isWorthKeeping, stepOf, wireDraft, type Draft, type Fault, type WireDraft } from './draft';
import { forget, keep } from './keep';
import { includes, keyOf, replaced, toggled, wire, without, type Part, type WirePart } from './parts';
import { Preview } from './preview.svelte';
import { filled, refilled, type Template } from './templates';

/** What the page hands over (dispatch/overview.py). */
export interface ComposerConfig {
  readonly gmina: string;
  readonly office: string;
  readonly is_town: boolean;
  readonly is_demo: boolean;
  readonly ref: string | null;
  readonly may_approve: boolean;
  readonly may_send_alone: boolean;
  readonly two_person_rule: boolean;
  readonly text_overhead: number;
  readonly text_limit: number;
  readonly reach_limit_m: number;
}
export type Step = 1 | 2 | 3;
export type Saving = 'new' | 'saving' | 'saved' | 'local' | 'failed';
interface Question {
  readonly parts: WirePart[];
  readonly kind: string | null;
  readonly severity: Severity;
  /** The draft as it is kept: the answer then says whether it could go without a second person. */
  readonly ref: string;
}

const SAVE_DELAY_MS = 800;

/** Everything the three steps and the map share: one draft, its audience, where it is kept. */
export class Composer {
  draft: Draft = $state(emptyDraft(new Date()));
  step: Step = $state(1);
  kinds: KindInfo[] = $state([]);
  templates: Template[] = $state([]);
  /** The officer's own draft that a template has taken the place of; null for none. */
  ownWords: Draft | null = $state.raw(null);
  saving: Saving = $state('new');
  savedAt: Date | null = $state(null);
  error: ApiError | null = $state(null);
  /** What the map should move to. */
  toShow: Part | null = $state.raw(null);
  ref: string | null;
  /** The version of the draft that this page last read or wrote. */
  etag: string | null = null;
  /** Why an emergency is to go without the second person that the rules ask for; null: it isn't. */
  bypassReason: string | null = $state(null);
  /** A draft on its way to be made, until an answer has come: repeated, it must not make two. */
  private making: { readonly key: string; readonly body: WireDraft } | null = null;
  readonly preview: Preview<Question, Audience>;
  readonly ask;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts changes, so that a save knows whether it saved the last one. */
  private version = 0;
  private queue: Promise<void> = Promise.resolve();

  constructor(
    readonly config: ComposerConfig,
    private readonly api: Api,
    private readonly storage: Storage,
  ) {
    this.ask = composerApi(api, config.gmina);
    this.ref = config.ref;
    this.preview = new Preview((question, signal) => this.ask.audience(question, signal));
  }

  get root(): string {
    return `/gminas/${this.config.gmina}/alerts`;
  }

  /** The move by which this person could send it without anybody else, as the server said last. */
  get alone(): '' | 'send' | 'bypass' {
    return this.preview.value?.alone ?? '';
  }

  /** What the last button does. */
  get lastMove(): 'submit' | 'send' | 'bypass' {
    if (this.alone === 'send') return 'send';
    return this.alone === 'bypass' && this.bypassReason !== null ? 'bypass' : 'submit';
  }

  async fetchDraft(ref: string): Promise<Schemas['Alert']> {
    const alert = await this.api.call<Schemas['Alert']>('GET', `${this.root}/${ref}`);
    this.etag = tag(alert);
    return alert;
  }

  /** From the list: the map then moves to what was chosen; a click on the map has it in sight. */
  toggleAndShow(part: Part): void {
    this.toggle(part);
    this.toShow = includes(this.draft.parts, part) ? part : null;
  }

  toggle(part: Part): void {
    this.draft.parts = toggled(this.draft.parts, part);
    this.changed();
  }

  /** Chooses all of these, each once; what was chosen before stays. */
  addAll(parts: readonly Part[]): void {
    for (const part of parts) {
      if (!includes(this.draft.parts, part)) this.draft.parts = toggled(this.draft.parts, part);
      else this.draft.parts = replaced(this.draft.parts, keyOf(part), part);
    }
    this.changed();
  }

  /** Takes these away and chooses another instead, if there is one. */
  replaceParts(gone: readonly Part[], by: Part | null): void {
    const kept = gone.reduce((parts: Part[], part) => without(parts, keyOf(part)), this.draft.parts);
    this.draft.parts = by === null ? kept : toggled(kept, by);
    this.changed();
  }

  remove(part: Part): void {
    this.draft.parts = without(this.draft.parts, keyOf(part));
    this.changed();
  }

  change(part: Part, by: Part): void {
    this.draft.parts = replaced(this.draft.parts, keyOf(part), by);
    this.changed();
  }

  /** The drawn part that is refused for what lies outside the gmina; null for none. */
  get clipping(): Clipping | null {
    const { state } = this.preview;
    return state.status === 'refused' ? clippingOf(state.error, this.draft.parts) : null;
  }

  clip(clipping: Clipping): void {
    this.draft.parts = clipped(this.draft.parts, clipping);
    this.changed();
  }

  /** Starts from a template, or goes on without one; the officer's own words can be had back. */
  useTemplate(id: number | null): void {
    const template = this.templates.find((one) => one.id === id);
    if (!template) {
      this.draft.template = null;
      this.written();
      return;
    }
    const isOwn = this.draft.template === null && (hasText(this.draft.pl) || hasText(this.draft.en));
    if (isOwn) this.ownWords = $state.snapshot<Draft>(this.draft);
    this.draft = {
      ...this.draft,
      ...filled(template, {}),
      kind: template.kind,
      severity: template.severity,
      template: { id: template.id, values: {} },
    };
    this.changed();
  }

  fillBlank(name: string, value: string): void {
    const used = this.draft.template;
    const template = this.templates.find((one) => one.id === used?.id);
    if (!used || !template) return;
    const values = { ...used.values, [name]: value };
    this.draft = { ...this.draft, ...refilled(template, used.values, values, this.draft), template: { ...used, values } };
    this.written();
  }

  restoreOwnWords(): void {
    if (!this.ownWords) return;
    const { pl, en, kind, severity } = this.ownWords;
    this.draft = { ...this.draft, pl, en, kind, severity, template: null };
    this.ownWords = null;
    this.changed();
  }

  /** Counts anew and keeps what is there: at once in the browser, a moment later on the server. */
  changed(): void {
    this.error = null;
    this.count();
    this.written();
  }

  /** Counts what is kept now: whether somebody else has to agree depends on the words too. */
  async countKept(): Promise<void> {
    if (this.draft.parts.length > 0) this.preview.announce();
    try {
      await this.save();
    } finally {
      this.count();
    }
  }

  count(): void {
    const { parts, kind, severity } = this.draft;
    this.preview.request(parts.length === 0 ? null : { parts: parts.map(wire), kind, severity, ref: this.ref ?? '' });
  }

  /** The same without counting: words and times change nobody's being in the area. */
  written(): void {
    if (!isWorthKeeping(this.draft)) return;
    this.version += 1;
    const isKept = keep(this.storage, this.config.gmina, this.ref, $state.snapshot<Draft>(this.draft), new Date(), this.etag);
    this.saving = isKept ? 'local' : 'failed';
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), SAVE_DELAY_MS);
  }

  faults(): Fault[] {
    return faultsOf(this.draft, new Date());
  }

  /** The first step at which something is missing; 3 when all is there. */
  firstUnfinished(): Step {
    const [fault] = this.faults();
    return fault ? stepOf(fault) : 3;
  }

  /** One after another: a later change never overtakes an earlier one. */
  save(): Promise<void> {
    clearTimeout(this.timer);
    this.queue = this.queue.then(() => this.saveNow());
    return this.queue;
  }

  /** Keeps the draft and makes the last move. Gives the page to go on at; null: it was refused. */
  async finish(): Promise<string | null> {
    await this.save();
    if (this.ref === null || this.error) return null;
    const [move, page] = [this.lastMove, `/staff/${this.config.gmina}/alerts/${this.ref}/`];
    try {
      await this.api.call('POST', `${this.root}/${this.ref}/${move}`, { body: this.said(move), ...this.ifMatch() });
    } catch (refusal) {
      const url = refusal instanceof ApiError ? confirmationUrl(refusal, page) : null;
      if (url === null) {
        this.error = asApiError(refusal);
        return null;
      }
      setAside(sessionStorage, this.config.gmina, this.ref, { move, words: this.bypassReason ?? '' });
      forget(this.storage, this.config.gmina, this.ref);
      return url;
    }
    forget(this.storage, this.config.gmina, this.ref);
    return page;
  }

  /** Somebody else changed the draft: who, and when; null: nobody did. */
  get overtaken(): { readonly name: string; readonly at: Date } | null {
    const { by, at } = this.error?.code === 'draft_changed' ? this.error.details : {};
    return typeof at === 'string' ? { name: typeof by === 'string' ? by : '', at: new Date(at) } : null;
  }

  /** Puts this page's draft in the place of the other one. */
  async insist(): Promise<void> {
    this.etag = null;
    this.error = null;
    await this.save();
  }

  private said(move: 'submit' | 'send' | 'bypass'): object {
    const seen = this.preview.state.status === 'ready' ? { seen_hash: this.preview.state.value.hash } : {};
    return move === 'bypass' ? { ...seen, reason: (this.bypassReason ?? '').trim() } : seen;
  }

  private ifMatch(): { ifMatch?: string } {
    return this.etag === null ? {} : { ifMatch: this.etag };
  }

  private async saveNow(): Promise<void> {
    const body = wireDraft(this.draft);
    if (body === null) return;
    this.saving = 'saving';
    const saved = this.version;
    this.error = null;
    try {
      await this.put(body);
      // What the server has is the server's: a copy here would one day undo a colleague's correction.
      if (this.version === saved) forget(this.storage, this.config.gmina, this.ref);
      this.saving = 'saved';
      this.savedAt = new Date();
    } catch (error) {
      this.error = asApiError(error);
      this.saving = 'failed';
    }
  }

  private async put(body: WireDraft): Promise<void> {
    if (this.ref === null) await this.make(body);
    else this.etag = tag(await this.api.call<Schemas['Alert']>('PATCH', `${this.root}/${this.ref}`, { body, ...this.ifMatch() }));
  }

  /** Where no answer came, the same request is made again before anything newer: it may have arrived. */
  private async make(body: WireDraft): Promise<void> {
    const sent = (this.making ??= { key: newKey(), body });
    const created = await this.posted(sent);
    this.making = null;
    forget(this.storage, this.config.gmina, null);
    this.ref = created.ref;
    this.etag = tag(created);
    keep(this.storage, this.config.gmina, this.ref, $state.snapshot<Draft>(this.draft), new Date(), this.etag);
    history.replaceState(null, '', `/staff/${this.config.gmina}/alerts/${this.ref}/edit/`);
    if (sent.body !== body) await this.put(body);
  }

  private async posted(sent: { readonly key: string; readonly body: WireDraft }): Promise<Schemas['Alert']> {
    try {
      return await this.api.call<Schemas['Alert']>('POST', this.root, { body: sent.body, idempotencyKey: sent.key });
    } catch (error) {
      const isUnknown = error instanceof ApiError && (error.status === 0 || error.code === 'in_progress' || error.status >= 500);
      if (!isUnknown) this.making = null;
      throw error;
    }
  }
}

function tag({ version }: Schemas['Alert']): string {
  return `"${String(version)}"`;
}

/** Random, also where the page has no secure context, and crypto.randomUUID is missing. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  throw error;
}
