import { expect, it } from 'vitest';
import { Steps } from '../../src/engine/steps.ts';

it('undoes in reverse order, each step once', () => {
  const log: string[] = [];
  const steps = new Steps();
  for (const name of ['a', 'b']) {
    steps.run(
      name,
      () => log.push(`do ${name}`),
      () => log.push(`undo ${name}`),
    );
  }
  expect(steps.undo().map((issue) => issue.message)).toEqual(['undone: b', 'undone: a']);
  expect(steps.undo()).toEqual([]);
  expect(log).toEqual(['do a', 'do b', 'undo b', 'undo a']);
});

const refuse = (): never => {
  throw new Error('no');
};

it('does not undo the step that failed', () => {
  const steps = new Steps();
  expect(() => {
    steps.run('a', refuse, () => undefined);
  }).toThrow('no');
  expect(steps.undo()).toEqual([]);
});

it('goes on after an undo that fails, and tells', () => {
  const steps = new Steps();
  steps.run(
    'a',
    () => undefined,
    () => undefined,
  );
  steps.run(
    'b',
    () => undefined,
    () => {
      throw new Error('busy');
    },
  );
  expect(steps.undo()).toEqual([
    { code: 'undo-failed', severity: 'error', message: 'could not undo: b: busy' },
    { code: 'undone', severity: 'warning', message: 'undone: a' },
  ]);
});
