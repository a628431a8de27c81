import { untrack } from 'svelte';

import { ApiError, isAbort } from '../../shared/errors';

export type PreviewState<T> =
  | { readonly status: 'empty' }
  | { readonly status: 'counting'; readonly last: T | null }
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'refused'; readonly error: ApiError };

const DELAY_MS = 150;

/**
 * The newest question only: waits a moment for the next click, gives up the one under way when a
 * newer one comes, and never shows an answer to an older question.
 */
export class Preview<Question, Answer> {
  state = $state.raw<PreviewState<Answer>>({ status: 'empty' });
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: AbortController | undefined;

  constructor(private readonly ask: (question: Question, signal: AbortSignal) => Promise<Answer>) {}

  /** What was last counted, also while a newer count is under way. */
  get value(): Answer | null {
    if (this.state.status === 'ready') return this.state.value;
    return this.state.status === 'counting' ? this.state.last : null;
  }

  /** A question is to come: until it is answered, what was counted last is an older answer. */
  announce(): void {
    clearTimeout(this.timer);
    this.running?.abort();
    // Asked from an effect, this must not make the effect depend on the answer.
    this.state = { status: 'counting', last: untrack(() => this.value) };
  }

  /** Null: there is nothing to ask. */
  request(question: Question | null): void {
    this.announce();
    if (question === null) {
      this.state = { status: 'empty' };
      return;
    }
    this.timer = setTimeout(() => void this.run(question), DELAY_MS);
  }

  private async run(question: Question): Promise<void> {
    const controller = new AbortController();
    this.running = controller;
    try {
      const value = await this.ask(question, controller.signal);
      if (!controller.signal.aborted) this.state = { status: 'ready', value };
    } catch (error) {
      if (controller.signal.aborted || isAbort(error)) return;
      if (!(error instanceof ApiError)) throw error;
      this.state = { status: 'refused', error };
    }
  }
}
