import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ApiError } from '../../shared/errors';
import { Preview } from './preview.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function answering(answers: Record<string, { after_ms: number; value: number }>) {
  const asked: string[] = [];
  const ask = (question: string) => {
    asked.push(question);
    const answer = answers[question];
    return new Promise<number>((resolve, reject) => {
      setTimeout(() => {
        if (answer) resolve(answer.value);
        else reject(new ApiError(422, 'area_outside_gmina', 'poza gminą'));
      }, answer?.after_ms ?? 0);
    });
  };
  return { asked, preview: new Preview(ask) };
}

it('asks once for a flurry of clicks, for the last of them', async () => {
  const { asked, preview } = answering({ c: { after_ms: 10, value: 340 } });
  for (const question of ['a', 'b', 'c']) preview.request(question);
  await vi.runAllTimersAsync();
  expect(asked).toEqual(['c']);
  expect(preview.state).toEqual({ status: 'ready', value: 340 });
});

it('never shows a late answer to an older question', async () => {
  const { preview } = answering({ slow: { after_ms: 5000, value: 1 }, quick: { after_ms: 10, value: 2 } });
  preview.request('slow');
  await vi.advanceTimersByTimeAsync(200);
  preview.request('quick');
  await vi.runAllTimersAsync();
  expect(preview.value).toBe(2);
});

it('keeps the last figure in sight while it counts anew', async () => {
  const { preview } = answering({ a: { after_ms: 10, value: 340 }, b: { after_ms: 10, value: 355 } });
  preview.request('a');
  await vi.runAllTimersAsync();
  preview.request('b');
  expect(preview.state.status).toBe('counting');
  expect(preview.value).toBe(340);
});

it('says why it was refused', async () => {
  const { preview } = answering({});
  preview.request('outside');
  await vi.runAllTimersAsync();
  expect(preview.state).toMatchObject({ status: 'refused', error: { code: 'area_outside_gmina' } });
});

it('has no figure for nothing', async () => {
  const { asked, preview } = answering({ a: { after_ms: 10, value: 340 } });
  preview.request('a');
  preview.request(null);
  await vi.runAllTimersAsync();
  expect(asked).toEqual([]);
  expect(preview.state.status).toBe('empty');
});
