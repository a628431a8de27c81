import { SvelteMap, SvelteSet } from 'svelte/reactivity';

import type { Api } from '../../shared/api/client';
import { ApiError, isAbort } from '../../shared/errors';
import { gestureOf, type Gesture } from '../../shared/geo/gesture';
import { linesOf } from '../../shared/geo/coordinates';
import type { Bbox, LonLat } from '../../shared/geo/lon-lat';
import { piecesOf, withPiece, type EditShape } from '../../shared/geo/pieces';
import { t } from '../../shared/i18n';
import type { Shape } from '../../shared/map/draw';
import { editApi, type Board, type Edited, type Words } from './api';

export interface EditorConfig {
  readonly gmina: string;
  readonly layer: string;
  readonly kind: 'street' | 'district' | 'teryt_unit' | 'address' | 'custom';
  readonly geometry_type: 'point' | 'line' | 'polygon';
  /** Areas that lie side by side: a border is moved in each that has it. */
  readonly shares_borders: boolean;
  readonly title: string;
  readonly edition: number | null;
  /** Of an edition's page, with 0 for its number. */
  readonly edition_url: string;
  readonly layer_url: string;
}
export type Tool = 'select' | 'draw' | 'split';

/** What an officer has before them: features of a change set, which of them are chosen, what went wrong. */
export class Editor {
  readonly features = new SvelteMap<number, Edited>();
  readonly chosen = new SvelteSet<number>();
  tool: Tool = $state('select');
  /** A shape that was drawn and has no name yet. */
  drawn: Shape | null = $state.raw(null);
  board: Omit<Board, 'features' | 'gone'> = $state.raw({
    edition: null,
    complete: true,
    changes: 0,
    conflicts: [],
    can_undo: false,
    can_redo: false,
  });
  /** A feature to bring into view. */
  toShow: Edited | null = $state.raw(null);
  isBusy = $state(false);
  isLoaded = $state(false);
  failure = $state('');
  /** What was done last, in words. */
  said = $state('');
  private readonly ask;
  private view: Bbox | null = null;
  private reading = new AbortController();

  constructor(
    readonly config: EditorConfig,
    api: Api,
  ) {
    this.ask = editApi(api, config.gmina, config.layer, config.edition);
  }

  get selected(): Edited[] {
    return [...this.chosen].flatMap((fid) => this.features.get(fid) ?? []);
  }

  /** The one feature that is chosen; null for none or several. */
  get one(): Edited | null {
    const [first, second] = this.selected;
    return first && !second ? first : null;
  }

  get editionUrl(): string | null {
    const { edition } = this.board;
    return edition === null ? null : this.config.edition_url.replace('/0/', `/${edition}/`);
  }

  choose(fid: number, more: boolean): void {
    const was = this.chosen.has(fid);
    if (!more) this.chosen.clear();
    if (was && more) this.chosen.delete(fid);
    else this.chosen.add(fid);
    this.tool = 'select';
  }

  use(tool: Tool): void {
    this.tool = tool;
    this.drawn = null;
    if (tool === 'draw') this.chosen.clear();
  }

  /** Reads what is in sight; a newer view gives up on an older one's answer. */
  async look(view: Bbox): Promise<void> {
    this.view = view;
    this.reading.abort();
    this.reading = new AbortController();
    try {
      const answer = await this.ask.board(view, this.reading.signal);
      const kept = new Set(answer.features.map(({ id }) => id));
      for (const fid of this.features.keys()) if (!kept.has(fid)) this.features.delete(fid);
      for (const fid of this.chosen) if (!kept.has(fid)) this.chosen.delete(fid);
      this.take(answer);
      this.isLoaded = true;
    } catch (error) {
      if (!isAbort(error)) this.tell(error);
    }
  }

  /** One piece of the chosen feature was changed on the map. */
  async reshape(n: number, path: readonly LonLat[]): Promise<void> {
    const { one } = this;
    if (!one) return;
    const shape = one.geometry as EditShape;
    const gesture = gestureOf(piecesOf(shape)[n] ?? [], path);
    if (this.config.shares_borders && gesture) await this.moveBorder(gesture);
    else await this.act(() => this.ask.change(one, { geometry: withPiece(shape, n, path) }), t('edit.said_moved'));
  }

  async moveBorder(gesture: Gesture): Promise<void> {
    await this.act(() => this.ask.border(gesture, this.seen()), t('edit.said_moved'));
  }

  async finish(shape: Shape): Promise<void> {
    const { one } = this;
    if (this.tool === 'split' && one) {
      const [line = []] = linesOf(shape);
      await this.act(() => this.ask.split(one.id, line, this.seen()), t('edit.said_split'));
      this.tool = 'select';
    } else {
      this.drawn = shape;
    }
  }

  async add(words: Partial<Words>): Promise<void> {
    const shape = this.drawn;
    if (!shape) return;
    const answer = await this.act(() => this.ask.draw(shape, words), t('edit.said_added'));
    if (!answer) return;
    this.use('select');
    const [added] = answer.features;
    if (added) this.choose(added.id, false);
  }

  async describe(feature: Edited, words: Partial<Words>): Promise<void> {
    await this.act(() => this.ask.change(feature, words), t('edit.said_described'));
  }

  async remove(): Promise<void> {
    for (const feature of this.selected) {
      if (!(await this.act(() => this.ask.remove(feature), t('edit.said_removed')))) return;
    }
  }

  async merge(): Promise<void> {
    await this.act(() => this.ask.merge([...this.chosen], this.seen()), t('edit.said_merged'));
  }

  async settle(fid: number, keep: 'mine' | 'published'): Promise<void> {
    await this.act(() => this.ask.settle(fid, keep), t('edit.said_settled'));
  }

  async undo(): Promise<void> {
    await this.act(() => this.ask.undo(), t('edit.said_undone'));
  }

  async redo(): Promise<void> {
    await this.act(() => this.ask.redo(), t('edit.said_redone'));
  }

  private seen(): Record<string, string> {
    return Object.fromEntries([...this.features.values()].map(({ id, etag }) => [id, etag]));
  }

  /** One act at a time; a refusal leaves everything as it is and shows what others made of it. */
  private async act(send: () => Promise<Board>, done: string): Promise<Board | null> {
    if (this.isBusy) return null;
    this.isBusy = true;
    [this.failure, this.said] = ['', ''];
    try {
      const answer = await send();
      this.take(answer);
      this.said = done;
      return answer;
    } catch (error) {
      this.tell(error);
      if (error instanceof ApiError && error.status === 412 && this.view) await this.look(this.view);
      return null;
    } finally {
      this.isBusy = false;
    }
  }

  private take({ features, gone, ...board }: Board): void {
    for (const fid of gone) {
      this.features.delete(fid);
      this.chosen.delete(fid);
    }
    for (const feature of features) this.features.set(feature.id, feature);
    this.board = board;
  }

  private tell(error: unknown): void {
    this.failure = error instanceof ApiError ? error.message : t('error.unexpected');
  }
}
