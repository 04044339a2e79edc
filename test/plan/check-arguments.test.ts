import { beforeAll, expect, it } from 'vitest';
import * as library from '../../src/index.ts';
import { connect, type Connection, NodedevError } from '../../src/index.ts';

/** What a program without types could give. */
const WRONG: readonly (readonly [name: string, value: unknown])[] = [
  ['null', null],
  ['a number', 42],
  ['NaN', Number.NaN],
  ['a flag', true],
  ['a symbol', Symbol('x')],
  ['a function', () => undefined],
  ['an object', {}],
  ['a list', []],
  ['a list of null', [null]],
  ['a list of lists', [[[]]]],
  [
    'an object of null',
    { text: null, name: null, adopt: null, signal: null, type: null, action: null },
  ],
  ['a map', new Map([['text', 'x']])],
  ['a proxy without a type', Object.create(null)],
  ['a large number', 2n ** 70n],
];
/** Arguments before the one that is wrong. */
const RIGHT: readonly unknown[] = ['x', 'x', {}];

let connection: Connection;
beforeAll(async () => {
  connection = await connect('test:///default');
});

/** What a call comes to: an answer, or a refusal; anything else is what it was. */
async function outcome(call: () => unknown): Promise<string> {
  let answer: unknown;
  try {
    answer = call();
  } catch (error) {
    return error instanceof NodedevError ? 'refused' : `threw ${String(error)}`;
  }
  try {
    await answer;
    return 'answered';
  } catch (error) {
    return error instanceof NodedevError ? 'refused' : `rejected with ${String(error)}`;
  }
}

const calls = (parameters: number): readonly (readonly [string, readonly unknown[]])[] =>
  Array.from({ length: parameters + 1 }, (_, place) =>
    WRONG.map(
      ([name, value]) =>
        [`${name} as argument ${place + 1}`, [...RIGHT.slice(0, place), value]] as const,
    ),
  ).flat();

/** Every failure at once: what is no refusal and no answer. */
async function failures(
  target: object,
  name: string,
  parameters: number,
): Promise<readonly string[]> {
  const method: unknown = Reflect.get(target, name);
  if (typeof method !== 'function') throw new Error(`${name} is no function`);
  const found: string[] = [];
  for (const [what, args] of calls(parameters)) {
    const result = await outcome(() => Reflect.apply(method, undefined, [...args]));
    if (result !== 'refused' && result !== 'answered')
      found.push(`${name} with ${what}: ${result}`);
  }
  return found;
}

const METHODS = [
  'list',
  'lookup',
  'info',
  'dumpxml',
  'create',
  'destroy',
  'destroyGroup',
  'define',
  'undefine',
  'start',
  'startGroup',
  'startParent',
  'autostart',
  'update',
  'groups',
  'group',
  'claim',
  'claimDevices',
  'release',
  'gc',
  'prepareDomain',
  'releaseDomain',
  'types',
  'validate',
  'events',
  'startDomain',
  'stopDomain',
  'resetHost',
  'doctor',
  'recover',
  'predict',
  'explain',
  'place',
  'plan',
  'apply',
  'topology',
] as const;

it('all methods are here', () => {
  const methods = Object.keys(connection).filter((name) => name !== 'uri' && name !== 'close');
  expect(new Set(methods)).toEqual(new Set(METHODS));
});

it.each(METHODS)('%s answers or refuses, whatever it is given', async (name) => {
  expect(await failures(connection, name, 3)).toEqual([]);
});

const FUNCTIONS = [
  'connect',
  'initSimulatedHost',
  'parseNodeDevice',
  'parseNodeDevices',
  'parseDomain',
  'parseHostdevs',
  'parsePlan',
  'insertHostdev',
  'validateDocument',
  'validateNodeDevice',
  'sampleProfiles',
] as const;

it.each(FUNCTIONS)('%s answers or refuses, whatever its document is', async (name) => {
  expect(await failures(library, name, 0)).toEqual([]);
});

it('says which argument is wrong, and changes nothing', async () => {
  const misspelt: object = { dryrun: true };
  await expect(connection.gc(misspelt)).rejects.toMatchObject({
    code: 'request-invalid',
    message: expect.stringMatching(/^gc: argument 1, dryrun: /u),
  });
});
