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

  /** Whether this person's sending needs nobody else's approval. The server decides; this words the button. */
  get sendsAlone(): boolean {
    const { may_approve, may_send_alone, two_person_rule } = this.config;
    return may_approve && (!two_person_rule || (may_send_alone && this.draft.severity === 'emergency'));
  }

  fetchDraft(ref: string): Promise<Schemas['Alert']> {
    return this.api.call('GET', `${this.root}/${ref}`);
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
    this.count();
    this.written();
  }

  count(): void {
    this.error = null;
    const { parts, kind, severity } = this.draft;
    this.preview.request(parts.length === 0 ? null : { parts: parts.map(wire), kind, severity });
  }

  /** The same without counting: words and times change nobody's being in the area. */
  written(): void {
    if (!isWorthKeeping(this.draft)) return;
    this.version += 1;
    const isKept = keep(this.storage, this.config.gmina, this.ref, $state.snapshot<Draft>(this.draft), new Date());
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

  /** Keeps the draft, submits it and, where this person may, approves it. Gives the page to go on at. */
  async submit(alone: boolean): Promise<string | null> {
    await this.save();
    if (this.ref === null || this.error) return null;
    try {
      const seen = this.preview.state.status === 'ready' ? { seen_hash: this.preview.state.value.hash } : {};
      const path = `${this.root}/${this.ref}/submit`;
      const submitted = await this.api.call<Schemas['Alert']>('POST', path, { body: seen });
      const page = `/staff/${this.config.gmina}/alerts/${this.ref}/`;
      const next = alone ? await this.approve(submitted, page) : page;
      forget(this.storage, this.config.gmina, this.ref);
      return next;
    } catch (error) {
      this.error = asApiError(error);
      return null;
    }
  }

  /** Sends the alert, or leads to giving the code that this takes and from there to the alert's page. */
  private async approve({ ref, submitted_at }: Schemas['Alert'], page: string): Promise<string> {
    try {
      await this.api.call('POST', `${this.root}/${ref}/approve`, { body: { submitted_at } });
      return page;
    } catch (refusal) {
      const url = refusal instanceof ApiError ? confirmationUrl(refusal, page) : null;
      if (url === null) throw refusal;
      setAside(sessionStorage, this.config.gmina, ref, { move: 'approve', words: '' });
      return url;
    }
  }

  private async saveNow(): Promise<void> {
    const body = wireDraft(this.draft);
    if (body === null) return;
    this.saving = 'saving';
    const saved = this.version;
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
    if (this.ref !== null) {
      await this.api.call('PATCH', `${this.root}/${this.ref}`, { body });
      return;
    }
    const created = await this.api.call<Schemas['Alert']>('POST', this.root, { body });
    forget(this.storage, this.config.gmina, null);
    this.ref = created.ref;
    keep(this.storage, this.config.gmina, this.ref, $state.snapshot<Draft>(this.draft), new Date());
    history.replaceState(null, '', `/staff/${this.config.gmina}/alerts/${this.ref}/edit/`);
  }
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  throw error;
}
