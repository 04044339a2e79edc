import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../src/plan/parse-plan.ts';
import { stateOf } from '../engine/journal/operations.ts';
import { uuidOf } from './hosts.ts';
import { domainXml, plannedHost, wishXml } from './planned-host.ts';

const GPU = '0000:86:00.0';
const DESIRED = [
  wishXml({
    uuid: uuidOf(1),
    parent: GPU,
    type: 'nvidia-18',
    group: 'g',
    params: 'x=1',
    name: 'a',
  }),
  domainXml('vm1', [uuidOf(1)]),
];

describe('the JSON of a plan', () => {
  it('is the plan, as far as it is carried out', async () => {
    const { connection } = plannedHost();
    const plan = await connection.plan(DESIRED, { define: true });
    const { version, host, actions, refusals } = plan;
    expect(parsePlan(JSON.stringify(plan))).toEqual({ version, host, actions, refusals });
    await expect(connection.apply(parsePlan(JSON.stringify(plan)))).resolves.toMatchObject({
      devices: [{ active: true, persistent: true }],
    });
  });

  it('keeps why it is refused', async () => {
    const { connection } = plannedHost();
    const plan = await connection.plan(wishXml({ parent: 'nowhere', type: 'nvidia-18' }));
    await expect(connection.apply(parsePlan(JSON.stringify(plan)))).rejects.toMatchObject({
      code: 'plan-refused',
      issues: [{ code: 'parent-unknown' }],
    });
  });
});

const device = { uuid: uuidOf(1), parent: GPU, type: 'nvidia-18', group: 'g', attributes: [] };
const planOf = (action: object): object => ({
  version: 1,
  host: { fingerprint: 'f' },
  refusals: [],
  actions: [action],
});

describe('what is no plan', () => {
  it.each<readonly [string, unknown, RegExp]>([
    ['a list', [], /plan\.json: version is not there/],
    ['another version', { version: 2 }, /version is not 1/],
    ['no host', { version: 1, refusals: [] }, /host is not there/],
    ['no fingerprint', { version: 1, refusals: [], host: {} }, /host\.fingerprint is not there/],
    ['actions of another kind', { ...planOf({}), actions: {} }, /actions is not a list/],
    [
      'an unknown action',
      planOf({ action: 'format', device }),
      /actions\[0\]\.action is not one of/,
    ],
    ['an inherited name', planOf({ action: 'constructor' }), /actions\[0\]\.action is not one of/],
    ['no device', planOf({ action: 'create' }), /actions\[0\]\.device is not there/],
    [
      'a number for a uuid',
      planOf({ action: 'create', device: { ...device, uuid: 1 } }),
      /actions\[0\]\.device\.uuid is not text/,
    ],
    [
      'an attribute without a value',
      planOf({ action: 'create', device: { ...device, attributes: [{ name: 'a' }] } }),
      /attributes\[0\]\.value is not there/,
    ],
    ['no autostart', planOf({ action: 'define', device }), /autostart is not there/],
    [
      'a text for a list',
      planOf({ action: 'create', device: { ...device, attributes: '' } }),
      /device\.attributes is not a list/,
    ],
    [
      'a list for an object',
      { version: 1, refusals: [], host: [] },
      /host\.fingerprint is not there/,
    ],
    ['a text for an object', { version: 1, refusals: [], host: '' }, /host is not an object/],
    [
      'a text for a flag',
      planOf({ action: 'define', device, autostart: 'yes' }),
      /autostart is not true or false/,
    ],
    ['no owner', planOf({ action: 'claim', group: 'g' }), /actions\[0\]\.owner is not there/],
  ])('%s', (_, value, message) => {
    expect(() => parsePlan(JSON.stringify(value), { file: 'plan.json' })).toThrow(
      expect.objectContaining({ code: 'plan-invalid', message: expect.stringMatching(message) }),
    );
  });

  it('no JSON', () => {
    expect(() => parsePlan('{')).toThrow(expect.objectContaining({ code: 'plan-invalid' }));
  });
});

describe('names that lead elsewhere', () => {
  it.each<readonly [string, object, string]>([
    ['uuid', { uuid: '../../etc/passwd' }, 'request-invalid'],
    ['upper case', { uuid: uuidOf(1).replaceAll('0', 'A') }, 'request-invalid'],
    ['group', { group: 'a/b' }, 'nodedev-invalid'],
    ['parent', { parent: '../../../tmp' }, 'parent-unknown'],
    ['type', { type: '../nvidia-18' }, 'type-unknown'],
    ['attribute', { attributes: [{ name: '../remove', value: '1' }] }, 'permission-denied'],
  ])('%s', async (_, change, code) => {
    const { connection, manager } = plannedHost();
    const before = await stateOf(connection);
    const operation = { action: 'create', device: { ...device, ...change } } as const;
    await expect(manager.change([operation])).rejects.toMatchObject({ code });
    expect(await stateOf(connection)).toEqual(before);
  });
});
