import { expect, it } from 'vitest';
import type { Intent } from '../../../src/engine/journal/journal.ts';
import { Steps } from '../../../src/engine/journal/steps.ts';

const INTENT: Intent = { do: 'create', uuid: 'u', parent: 'mtty', type: 'mtty-1' };

function begun(): Steps {
  const steps = new Steps({ keep: () => undefined, mark: () => undefined });
  steps.intend([INTENT]);
  return steps;
}

it('does nothing that was not said before', () => {
  const log: string[] = [];
  const steps = new Steps({
    keep: (intents) => log.push(`keep ${intents.length}`),
    mark: (what) => log.push(what),
  });
  const run = (): void => {
    steps.run(
      'a',
      () => log.push('do'),
      () => undefined,
    );
  };
  expect(run).toThrow('not in the journal: a');
  steps.intend([INTENT]);
  run();
  steps.intend([INTENT]);
  expect(log).toEqual(['keep 1', 'step', 'do', 'keep 2']);
});

it('undoes in reverse order, each step once', async () => {
  const log: string[] = [];
  const steps = begun();
  for (const name of ['a', 'b']) {
    steps.run(
      name,
      () => log.push(`do ${name}`),
      async () => {
        await Promise.resolve();
        log.push(`undo ${name}`);
      },
    );
  }
  expect((await steps.undo()).map((issue) => issue.message)).toEqual(['undone: b', 'undone: a']);
  expect(await steps.undo()).toEqual([]);
  expect(log).toEqual(['do a', 'do b', 'undo b', 'undo a']);
});

const refuse = (): never => {
  throw new Error('no');
};

it('does not undo the step that failed', async () => {
  const steps = begun();
  expect(() => {
    steps.run('a', refuse, () => undefined);
  }).toThrow('no');
  expect(await steps.undo()).toEqual([]);
});

it('goes on after an undo that fails, and reports', async () => {
  const steps = begun();
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
  expect(await steps.undo()).toEqual([
    { code: 'undo-failed', severity: 'error', message: 'could not undo: b: busy' },
    { code: 'undone', severity: 'warning', message: 'undone: a' },
  ]);
});
