import { describe, expect, it } from 'vitest';
import {
  answerOf,
  answersTo,
  GPU,
  GPU2,
  ID,
  type Letter,
  type World,
  type WorldFacts,
  worldOf,
} from './world.ts';

/** A situation, and the one right answer to "may the domain have these devices when it starts?". */
type Row = readonly [
  what: string,
  facts: WorldFacts,
  domain: string,
  letters: readonly Letter[],
  answer: 'ok' | 'refused',
  functions?: readonly string[],
];

const made = { is: 'made' } as const;
const foreign = { is: 'foreign' } as const;
const defined = { is: 'defined' } as const;
const both = { is: 'both' } as const;
const foreignDefined = { is: 'foreign-defined' } as const;
const g = { group: 'g' } as const;

const GIVE: readonly Row[] = [
  ['nothing there', { devices: {} }, 'vm1', ['a'], 'refused'],
  ['nothing there, with the hook', { devices: {}, hook: true }, 'vm1', ['a'], 'refused'],
  ['own, active', { devices: { a: made } }, 'vm1', ['a'], 'ok'],
  ['own, active, with the hook', { devices: { a: made }, hook: true }, 'vm1', ['a'], 'ok'],
  ['foreign, active', { devices: { a: foreign } }, 'vm1', ['a'], 'ok'],
  ['foreign, active, with the hook', { devices: { a: foreign }, hook: true }, 'vm1', ['a'], 'ok'],
  ['adopted', { devices: { a: foreign }, adopted: ['a'] }, 'vm1', ['a'], 'ok'],
  ['only defined', { devices: { a: defined } }, 'vm1', ['a'], 'refused'],
  ['only defined, with the hook', { devices: { a: defined }, hook: true }, 'vm1', ['a'], 'ok'],
  ['only defined by others', { devices: { a: foreignDefined } }, 'vm1', ['a'], 'refused'],
  [
    'only defined by others, with the hook',
    { devices: { a: foreignDefined }, hook: true },
    'vm1',
    ['a'],
    'ok',
  ],
  ['active and defined', { devices: { a: both } }, 'vm1', ['a'], 'ok'],
  [
    'active, and defined with another type',
    { devices: { a: { ...both, definedType: 'nvidia-17' } } },
    'vm1',
    ['a'],
    'ok',
  ],
  [
    'defined with a type that is not offered, with the hook',
    { devices: { a: { ...foreignDefined, definedType: 'nvidia-9' } }, hook: true },
    'vm1',
    ['a'],
    'refused',
  ],
  [
    'defined under a parent that is gone, with the hook',
    { devices: { a: { ...foreignDefined, parent: '0000:99:00.0' } }, hook: true },
    'vm1',
    ['a'],
    'refused',
  ],
  ['claimed for it', { devices: { a: made }, claims: { a: 'vm1' } }, 'vm1', ['a'], 'ok'],
  ['claimed for another', { devices: { a: made }, claims: { a: 'vm2' } }, 'vm1', ['a'], 'refused'],
  [
    'defined and claimed for another, with the hook',
    { devices: { a: defined }, claims: { a: 'vm2' }, hook: true },
    'vm1',
    ['a'],
    'refused',
  ],
  [
    'defined and claimed for it, with the hook',
    { devices: { a: defined }, claims: { a: 'vm1' }, hook: true },
    'vm1',
    ['a'],
    'ok',
  ],
  ['open in another', { devices: { a: made }, open: { vm2: ['a'] } }, 'vm1', ['a'], 'refused'],
  [
    'foreign, open in another',
    { devices: { a: foreign }, open: { vm2: ['a'] } },
    'vm1',
    ['a'],
    'refused',
  ],
  [
    'another runs with it',
    { devices: { a: made }, running: { vm2: ['a'] } },
    'vm1',
    ['a'],
    'refused',
  ],
  [
    'claimed for it, but another runs with it',
    { devices: { a: made }, claims: { a: 'vm1' }, running: { vm2: ['a'] } },
    'vm1',
    ['a'],
    'refused',
  ],
  [
    'foreign, another runs with it',
    { devices: { a: foreign }, running: { vm2: ['a'] } },
    'vm1',
    ['a'],
    'refused',
  ],
  [
    'another is configured with it',
    { devices: { a: made }, configured: { vm2: ['a'] } },
    'vm1',
    ['a'],
    'ok',
  ],
  [
    'it is configured with it',
    { devices: { a: made }, configured: { vm1: ['a'] } },
    'vm1',
    ['a'],
    'ok',
  ],
  [
    'two are configured with it',
    { devices: { a: made }, configured: { vm1: ['a'], vm2: ['a'] } },
    'vm1',
    ['a'],
    'ok',
  ],
  [
    'claimed for it, another is configured with it',
    { devices: { a: made }, claims: { a: 'vm1' }, configured: { vm2: ['a'] } },
    'vm1',
    ['a'],
    'ok',
  ],
  [
    'a group of two, both',
    { devices: { a: { ...made, ...g }, b: { ...made, ...g } } },
    'vm1',
    ['a', 'b'],
    'ok',
  ],
  [
    'a group of two, one of them',
    { devices: { a: { ...made, ...g }, b: { ...made, ...g } } },
    'vm1',
    ['a'],
    'ok',
  ],
  [
    'a group of two, claimed for another',
    { devices: { a: { ...made, ...g }, b: { ...made, ...g } }, claims: { g: 'vm2' } },
    'vm1',
    ['a', 'b'],
    'refused',
  ],
  [
    'a mate open in another',
    { devices: { a: { ...made, ...g }, b: { ...made, ...g } }, open: { vm2: ['b'] } },
    'vm1',
    ['a'],
    'refused',
  ],
  [
    'a mate of a running one',
    { devices: { a: { ...made, ...g }, b: { ...made, ...g } }, running: { vm2: ['b'] } },
    'vm1',
    ['a'],
    'refused',
  ],
  [
    'a mate configured elsewhere',
    { devices: { a: { ...made, ...g }, b: { ...made, ...g } }, configured: { vm2: ['b'] } },
    'vm1',
    ['a'],
    'ok',
  ],
  ['two groups', { devices: { a: made, b: made } }, 'vm1', ['a', 'b'], 'ok'],
  ['two foreign devices', { devices: { a: foreign, b: foreign } }, 'vm1', ['a', 'b'], 'ok'],
  ['one of each kind', { devices: { a: foreign, b: made } }, 'vm1', ['a', 'b'], 'ok'],
  [
    'two groups where the card asks for one',
    { devices: { a: made, b: made }, requiresGroup: true },
    'vm1',
    ['a', 'b'],
    'refused',
  ],
  [
    'two foreign devices where the card asks for one',
    { devices: { a: foreign, b: foreign }, requiresGroup: true },
    'vm1',
    ['a', 'b'],
    'refused',
  ],
  [
    'one group where the card asks for one',
    { devices: { a: { ...made, ...g }, b: { ...made, ...g } }, requiresGroup: true },
    'vm1',
    ['a', 'b'],
    'ok',
  ],
  [
    'one device where the card asks for a group',
    { devices: { a: made }, requiresGroup: true },
    'vm1',
    ['a'],
    'ok',
  ],
  [
    'two defined groups where the card asks for one, with the hook',
    { devices: { a: defined, b: defined }, requiresGroup: true, hook: true },
    'vm1',
    ['a', 'b'],
    'refused',
  ],
  ['two cards', { devices: { a: made, b: { ...made, parent: GPU2 } } }, 'vm1', ['a', 'b'], 'ok'],
  [
    'two series',
    { devices: { a: made, b: { ...made, type: 'nvidia-16', parent: GPU2 } } },
    'vm1',
    ['a', 'b'],
    'refused',
  ],
  [
    'two series, one of them defined, with the hook',
    { devices: { a: made, b: { ...defined, type: 'nvidia-16', parent: GPU2 } }, hook: true },
    'vm1',
    ['a', 'b'],
    'refused',
  ],
  [
    'two sizes of one series on two cards',
    { devices: { a: made, b: { ...made, type: 'nvidia-22', parent: GPU2 } } },
    'vm1',
    ['a', 'b'],
    'ok',
  ],
  ['one there and one not', { devices: { a: made } }, 'vm1', ['a', 'b'], 'refused'],
  ['one active, one defined', { devices: { a: made, b: defined } }, 'vm1', ['a', 'b'], 'refused'],
  [
    'one active, one defined, with the hook',
    { devices: { a: made, b: defined }, hook: true },
    'vm1',
    ['a', 'b'],
    'ok',
  ],
  [
    'defined without room, with the hook',
    { devices: { a: { ...made, type: 'nvidia-22' }, b: defined }, hook: true },
    'vm1',
    ['b'],
    'refused',
  ],
  [
    'two defined of which one has room, with the hook',
    {
      devices: { a: { ...defined, type: 'nvidia-22' }, b: { ...defined, type: 'nvidia-22' } },
      hook: true,
    },
    'vm1',
    ['a', 'b'],
    'refused',
  ],
  ['bound to no driver', { devices: { a: made }, unbound: ['a'] }, 'vm1', ['a'], 'refused'],
  [
    'foreign, bound to no driver',
    { devices: { a: foreign }, unbound: ['a'] },
    'vm1',
    ['a'],
    'refused',
  ],
  [
    'a mate bound to no driver',
    { devices: { a: { ...made, ...g }, b: { ...made, ...g } }, unbound: ['b'] },
    'vm1',
    ['a'],
    'ok',
  ],
  [
    'a claimed group of which another domain has a mate open',
    {
      devices: { a: { ...made, ...g }, b: { ...made, ...g } },
      claims: { g: 'vm1' },
      open: { vm2: ['b'] },
    },
    'vm1',
    ['a'],
    'refused',
  ],
  [
    'the same of a definition, with the hook',
    {
      devices: { a: { ...defined, ...g }, b: { ...made, ...g } },
      claims: { g: 'vm1' },
      open: { vm2: ['b'] },
      hook: true,
    },
    'vm1',
    ['a'],
    'refused',
  ],
  ['a whole GPU without vGPUs', { devices: {} }, 'vm1', [], 'ok', [GPU]],
  ['a whole GPU with an own vGPU', { devices: { a: made } }, 'vm1', [], 'refused', [GPU]],
  ['a whole GPU with a foreign vGPU', { devices: { a: foreign } }, 'vm1', [], 'refused', [GPU]],
  ['a whole GPU with a defined vGPU', { devices: { a: defined } }, 'vm1', [], 'refused', [GPU]],
  ['a whole GPU and its vGPU', { devices: { a: made } }, 'vm1', ['a'], 'refused', [GPU]],
  ['a whole GPU beside a vGPU of another', { devices: { a: made } }, 'vm1', ['a'], 'ok', [GPU2]],
  ['a domain without devices', { devices: { a: made } }, 'vm1', [], 'ok'],
];

describe('may a domain have these devices: every command says', () => {
  it.each(GIVE.map((row) => [row[0], row] as const))('%s', { timeout: 60_000 }, async (_, row) => {
    const [, facts, name, letters, answer, functions] = row;
    const { hook, hooked, ...others } = await answersTo(facts, name, letters, functions);
    expect(others).toEqual({ validate: answer, start: answer, apply: answer });
    // Who calls the hook has it.
    expect(hook).toBe(hooked);
  });

  it('has a row for each situation', () => {
    expect(GIVE.length + CHANGES.length).toBeGreaterThanOrEqual(60);
  });
});

/** A situation, what is done, and the one right answer: `ok`, or why not. */
type Change = readonly [
  what: string,
  facts: WorldFacts,
  answers: Partial<Readonly<Record<'destroy' | 'undefine' | 'claim' | 'prune' | 'gc', string>>>,
];

/** Asked about device `a`. `claim` is for vm1; `prune` and `gc`: whether it is gone afterwards. */
const CHANGES: readonly Change[] = [
  [
    'own',
    { devices: { a: made } },
    { destroy: 'ok', undefine: 'device-undefined', claim: 'ok', prune: 'gone', gc: 'gone' },
  ],
  [
    'foreign',
    { devices: { a: foreign } },
    { destroy: 'device-foreign', claim: 'device-foreign', prune: 'stays', gc: 'stays' },
  ],
  [
    'adopted',
    { devices: { a: foreign }, adopted: ['a'] },
    { destroy: 'ok', claim: 'ok', prune: 'gone', gc: 'gone' },
  ],
  [
    'defined',
    { devices: { a: defined } },
    { destroy: 'device-inactive', undefine: 'ok', claim: 'ok', prune: 'stays' },
  ],
  [
    'active and defined',
    { devices: { a: both } },
    { destroy: 'ok', undefine: 'ok', claim: 'ok', prune: 'gone', gc: 'stays' },
  ],
  [
    'claimed for vm1',
    { devices: { a: made }, claims: { a: 'vm1' } },
    { destroy: 'group-owned', claim: 'ok', prune: 'stays', gc: 'stays' },
  ],
  [
    'claimed for vm2',
    { devices: { a: made }, claims: { a: 'vm2' } },
    { destroy: 'group-owned', claim: 'group-owned', prune: 'stays', gc: 'stays' },
  ],
  [
    'open in vm1',
    { devices: { a: made }, open: { vm1: ['a'] } },
    { destroy: 'in-use', claim: 'ok', prune: 'stays', gc: 'stays' },
  ],
  [
    'open in vm2',
    { devices: { a: made }, open: { vm2: ['a'] } },
    { destroy: 'in-use', claim: 'group-owned', prune: 'stays', gc: 'stays' },
  ],
  [
    'a mate open in vm2',
    { devices: { a: { ...made, ...g }, b: { ...made, ...g } }, open: { vm2: ['b'] } },
    { destroy: 'group-owned', claim: 'group-owned', prune: 'stays', gc: 'stays' },
  ],
  [
    'vm2 runs with it',
    { devices: { a: made }, running: { vm2: ['a'] } },
    { destroy: 'group-owned', claim: 'group-owned', prune: 'stays', gc: 'stays' },
  ],
  [
    'vm2 is configured with it',
    { devices: { a: made }, configured: { vm2: ['a'] } },
    { destroy: 'ok', claim: 'ok', prune: 'stays', gc: 'stays' },
  ],
  [
    'vm2 is configured with it and another',
    { devices: { a: made, b: made }, configured: { vm2: ['a', 'b'] } },
    { destroy: 'domain-incomplete', claim: 'ok', prune: 'stays', gc: 'stays' },
  ],
  [
    'vm2 is configured with it and what is not there',
    { devices: { a: made }, configured: { vm2: ['a', 'b'] } },
    { destroy: 'ok' },
  ],
  [
    'vm2 is configured with two definitions',
    { devices: { a: defined, b: defined }, configured: { vm2: ['a', 'b'] } },
    { undefine: 'domain-incomplete' },
  ],
  [
    'vm2 is configured with its definition alone',
    { devices: { a: defined, b: made }, configured: { vm2: ['a', 'b'] } },
    { undefine: 'ok' },
  ],
  [
    'a defined group of vm2',
    { devices: { a: { ...defined, ...g }, b: { ...defined, ...g } }, claims: { g: 'vm2' } },
    { undefine: 'domain-incomplete', claim: 'group-owned' },
  ],
  [
    'a defined group of nobody',
    { devices: { a: { ...defined, ...g }, b: { ...defined, ...g } } },
    { undefine: 'ok', claim: 'ok' },
  ],
  [
    'bound to no driver',
    { devices: { a: made }, unbound: ['a'] },
    { destroy: 'ok', claim: 'device-unusable', prune: 'gone', gc: 'gone' },
  ],
];

const cases = CHANGES.flatMap(([what, facts, answers]) =>
  Object.entries(answers).map(([action, answer]) => [what, action, facts, answer] as const),
);

/** What comes of an action on device `a`. */
async function outcome(action: string, { connection, host }: World): Promise<string> {
  const isThere = (): string => (host.find(ID.a) === undefined ? 'gone' : 'stays');
  switch (action) {
    case 'destroy':
      return answerOf(() => connection.destroy(ID.a));
    case 'undefine':
      return answerOf(() => connection.undefine(ID.a));
    case 'claim':
      return answerOf(() => connection.claimDevices([ID.a], { name: 'vm1' }));
    case 'gc':
      await connection.gc({ olderThan: 0 });
      return isThere();
    default: {
      const { actions } = await connection.plan('<devices></devices>', { prune: true });
      const isGone = actions.some(
        (planned) => planned.action === 'destroy' && planned.device.uuid === ID.a,
      );
      return isGone ? 'gone' : 'stays';
    }
  }
}

describe('may it be changed', () => {
  it.each(cases)('%s: %s', { timeout: 60_000 }, async (_, action, facts, answer) => {
    expect(await outcome(action, await worldOf(facts))).toBe(answer);
  });
});
