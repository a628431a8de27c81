import { staffApi } from '../../shared/api/client';
import { ApiError } from '../../shared/errors';
import type { Schemas } from '../../shared/api/types';
import { confirmationUrl, setAside, takeUp, type Waiting } from '../confirmation';
import type { Count } from '../counts';

/** Moves by the names of their addresses in the REST API. */
export type PlainMove =
  | 'submit'
  | 'send'
  | 'recall'
  | 'cancel'
  | 'return'
  | 'bypass'
  | 'withdraw'
  | 'all-clear'
  | 'approve'
  | 'delete';
export type Move = PlainMove | 'update' | 'update-send' | 'update-approve' | 'update-drop' | 'extend';
export type Texts = Schemas['WaitingUpdate']['texts'];
export type Text = NonNullable<Texts['pl']>;

/** What the page hands over (dispatch/alert_page.py). Instants are ISO 8601 texts. */
export interface MovesConfig {
  readonly gmina: string;
  readonly ref: string;
  readonly version: number;
  /** Says which of its versions is on the page: approval is refused where another one was submitted. */
  readonly submitted_at: string | null;
  /** Moves the server allows this person now, in the order of the buttons. */
  readonly moves: readonly Move[];
  readonly residents: Count;
  /** False: one's own alert under the two-person rule; said instead of a button that would be refused. */
  readonly waits_for_other: boolean;
  readonly texts: Texts;
  readonly event_ends_at: string | null;
  readonly expires_at: string;
  /** When it will go once approved; null: at once. */
  readonly planned_at: string | null;
  /** The event should be over, or soon will be: somebody has to say whether it goes on. */
  readonly is_end_asked: boolean;
  readonly update: Schemas['WaitingUpdate'] | null;
  /** Sending an update alone takes a reason: the rules ask for a second person. */
  readonly update_needs_reason: boolean;
  /** An end may be told in this person's own words. */
  readonly may_word_end: boolean;
  readonly edit_url: string;
}

/** Carries moves out, one at a time, and shows the page anew after each. */
export class Mover {
  isBusy = $state(false);
  error: ApiError | null = $state(null);
  private readonly api = staffApi();

  constructor(readonly config: MovesConfig) {}

  /** `kept`: what to find again after giving a code, where the move asks for one. */
  async carryOut(move: Move, body: object, kept = ''): Promise<void> {
    this.isBusy = true;
    this.error = null;
    try {
      await this.call(move, body);
      this.leave(move);
    } catch (refusal) {
      if (!(refusal instanceof ApiError)) throw refusal;
      this.refused(refusal, { move, words: kept });
    }
  }

  /** The move that waited for a code, if it is still allowed. */
  takeUp(): Waiting | null {
    const waiting = takeUp(sessionStorage, this.config.gmina, this.config.ref);
    return this.config.moves.some((allowed) => allowed === waiting?.move) ? waiting : null;
  }

  private call(move: Move, body: object): Promise<unknown> {
    const path = `/gminas/${this.config.gmina}/alerts/${this.config.ref}`;
    const ifMatch = `"${String(this.config.version)}"`;
    if (move === 'delete') return this.api.call('DELETE', path, { ifMatch });
    const isDraft = move === 'submit' || move === 'send';
    return this.api.call('POST', `${path}/${move}`, { body, ...(isDraft ? { ifMatch } : {}) });
  }

  private leave(move: Move): void {
    if (move === 'delete') location.assign(`/staff/${this.config.gmina}/`);
    else location.reload();
  }

  private refused(refusal: ApiError, waiting: Waiting): void {
    const url = confirmationUrl(refusal, location.pathname);
    if (url === null) {
      this.error = refusal;
      this.isBusy = false;
    } else {
      setAside(sessionStorage, this.config.gmina, this.config.ref, waiting);
      location.assign(url);
    }
  }
}
