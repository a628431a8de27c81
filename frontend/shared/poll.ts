export interface Poll {
  stop(): void;
}
export type Outcome = 'changed' | 'unchanged' | 'final';

const FIRST_MS = 1_000;
const SLOWEST_MS = 30_000;
const BACK_OFF = 1.5;

/**
 * Asks every second while answers change, ever more seldom while they don't or fail (at least every
 * `slowest_ms`), not at all in a hidden tab, and never again after the final one. One question at a
 * time.
 */
export function poll(
  ask: (signal: AbortSignal) => Promise<Outcome>,
  { page = document, slowest_ms = SLOWEST_MS }: { page?: Document; slowest_ms?: number } = {},
): Poll {
  const controller = new AbortController();
  const { signal } = controller;
  let wait_ms = FIRST_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;

  async function turn() {
    isAsking = true;
    const outcome = await ask(signal).catch((): Outcome => 'unchanged');
    isAsking = false;
    if (outcome === 'final') controller.abort();
    wait_ms = outcome === 'changed' ? FIRST_MS : Math.min(wait_ms * BACK_OFF, slowest_ms);
    plan(wait_ms);
  }

  function plan(after_ms: number) {
    clearTimeout(timer);
    if (signal.aborted || page.hidden || isAsking) return;
    timer = setTimeout(() => void turn(), after_ms);
  }

  page.addEventListener('visibilitychange', () => plan(0), { signal });
  plan(0);
  return {
    stop() {
      clearTimeout(timer);
      controller.abort();
    },
  };
}
