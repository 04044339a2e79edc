import { expect, it } from 'vitest';
import { EventQueue } from '../../../src/engine/events/event-queue.ts';

const event = (number: number) => ({ number });

it('gives events in order, also to readers that waited', async () => {
  const queue = new EventQueue<{ readonly number: number }>();
  queue.push(event(1));
  const reads = [queue.next(), queue.next(), queue.next()];
  await Promise.resolve();
  queue.push(event(2));
  queue.push(event(3));
  const results = await Promise.all(reads);
  expect(results.map(({ value }) => value?.number)).toEqual([1, 2, 3]);
});

it('gives what came before its end, then ends, again and again', async () => {
  const queue = new EventQueue<{ readonly number: number }>();
  queue.push(event(1));
  queue.end();
  queue.push(event(2));
  expect(await queue.next()).toEqual({ done: false, value: event(1) });
  expect(await queue.next()).toEqual({ done: true, value: undefined });
  expect(await queue.next()).toEqual({ done: true, value: undefined });
});

it('fails when its reader falls too far behind, after what it has', async () => {
  const queue = new EventQueue<{ readonly number: number }>(2);
  for (const number of [1, 2, 3, 4]) queue.push(event(number));
  expect(await queue.next()).toEqual({ done: false, value: event(1) });
  expect(await queue.next()).toEqual({ done: false, value: event(2) });
  await expect(queue.next()).rejects.toMatchObject({ code: 'events-lost' });
  expect(await queue.next()).toEqual({ done: true, value: undefined });
});
