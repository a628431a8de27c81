import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { poll, type Outcome } from './poll';

let hidden = false;
const page = new EventTarget() as Document;
Object.defineProperty(page, 'hidden', { get: () => hidden });

beforeEach(() => {
  hidden = false;
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

function asking(outcome: () => Outcome) {
  let asked = 0;
  const ask = () => {
    asked += 1;
    return Promise.resolve(outcome());
  };
  return { ask, times: () => asked };
}

it('asks every second while answers change', async () => {
  const { ask, times } = asking(() => 'changed');
  const running = poll(ask, { page });
  await vi.advanceTimersByTimeAsync(5_000);
  running.stop();
  expect(times()).toBe(6);
});

it('asks ever more seldom while nothing changes, at least twice a minute', async () => {
  const { ask, times } = asking(() => 'unchanged');
  const running = poll(ask, { page });
  await vi.advanceTimersByTimeAsync(60_000);
  const first = times();
  expect(first).toBeLessThan(10);
  await vi.advanceTimersByTimeAsync(60_000);
  running.stop();
  expect(times() - first).toBe(2);
});

it('asks at least as often as it is told to', async () => {
  const { ask, times } = asking(() => 'unchanged');
  const running = poll(ask, { page, slowest_ms: 2_000 });
  await vi.advanceTimersByTimeAsync(60_000);
  running.stop();
  expect(times()).toBeGreaterThanOrEqual(30);
});

it('treats a failure as nothing new and goes on', async () => {
  let asked = 0;
  const running = poll(() => {
    asked += 1;
    return Promise.reject(new Error('network'));
  }, { page });
  await vi.advanceTimersByTimeAsync(4_000);
  running.stop();
  expect(asked).toBe(3);
});

it('never asks again after the final answer or when stopped', async () => {
  const { ask, times } = asking(() => 'final');
  poll(ask, { page });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(times()).toBe(1);

  const stopped = asking(() => 'changed');
  poll(stopped.ask, { page }).stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stopped.times()).toBe(0);
});

it('rests in a hidden tab and asks at once when it is shown again', async () => {
  const { ask, times } = asking(() => 'changed');
  const running = poll(ask, { page });
  await vi.advanceTimersByTimeAsync(100);
  hidden = true;
  await vi.advanceTimersByTimeAsync(60_000);
  const before = times();
  hidden = false;
  page.dispatchEvent(new Event('visibilitychange'));
  await vi.advanceTimersByTimeAsync(10);
  running.stop();
  expect(before).toBeLessThanOrEqual(2);
  expect(times()).toBe(before + 1);
});
