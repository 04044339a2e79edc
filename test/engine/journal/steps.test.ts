import { expect, it } from 'vitest';
import type { Intent } from '../../../src/engine/journal/journal.ts';
import { Steps } from '../../../src/engine/journal/steps.ts';

const INTENT: Intent = { do: 'create', uuid: 'u', parent: 'mtty', type: 'mtty-1' };

function begun(): Steps {
  const nothing = (): void => undefined;
  const steps = new Steps({ keep: nothing, mark: nothing, leave: nothing });
  steps.intend([INTENT]);
  return steps;
}

it('does nothing that was not said before', () => {
  const log: string[] = [];
  const steps = new Steps({
    keep: (intents) => log.push(`keep ${intents.length}`),
    mark: (what) => log.push(what),
    leave: () => log.push('leave'),
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
  const { issues, isComplete } = await steps.undo();
  expect(issues.map((issue) => issue.message)).toEqual(['undone: b', 'undone: a']);
  expect(isComplete).toBe(true);
  expect(await steps.undo()).toEqual({ issues: [], isComplete: true });
  expect(log).toEqual(['do a', 'do b', 'undo b', 'undo a']);
});

const refuse = (): never => {
  throw new Error('no');
};

it.each([
  ['happened all the same', true, ['undone: a']],
  ['did not happen', false, []],
])('asks the undo of a step that failed whether it %s', async (_, happened, told) => {
  const steps = begun();
  const asked: unknown[] = [];
  expect(() => {
    steps.run('a', refuse, (failure) => {
      asked.push(failure);
      return happened;
    });
  }).toThrow('no');
  expect((await steps.undo()).issues.map(({ message }) => message)).toEqual(told);
  expect(asked).toEqual([new Error('no')]);
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
  expect(await steps.undo()).toEqual({
    issues: [
      {
        code: 'undo-failed',
        severity: 'error',
        message: 'could not undo: b: busy',
        hint: 'the next change, or `recover()`, tries again',
      },
      { code: 'undone', severity: 'warning', message: 'undone: a' },
    ],
    isComplete: false,
  });
});

it('tries again what the host may accept soon, as one step', async () => {
  const steps = begun();
  const log: string[] = [];
  const answers = ['EBUSY', undefined];
  await steps.runPatiently(
    'a',
    () => {
      const refused = answers.shift();
      log.push(refused ?? 'done');
      if (refused !== undefined) throw new Error(refused);
    },
    (failure) => {
      log.push(`undo ${failure === undefined ? 'what is done' : 'a failure'}`);
      return true;
    },
    (error) => error instanceof Error && error.message === 'EBUSY',
  );
  expect(log).toEqual(['EBUSY', 'done']);
  expect((await steps.undo()).issues).toHaveLength(1);
  expect(log).toEqual(['EBUSY', 'done', 'undo what is done']);
});

it('does not try again what stays refused', async () => {
  const steps = begun();
  let tries = 0;
  const change = (): void => {
    tries += 1;
    throw new Error('EIO');
  };
  const refused = steps.runPatiently(
    'a',
    change,
    () => false,
    () => false,
  );
  await expect(refused).rejects.toThrow('EIO');
  expect(tries).toBe(1);
});
