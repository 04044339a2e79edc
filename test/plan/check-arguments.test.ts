import { beforeAll, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import * as documents from '../../src/documents.ts';
import * as fleet from '../../src/fleet.ts';
import * as library from '../../src/index.ts';
import {
  connect,
  type Connection,
  hostdevFor,
  NodedevError,
  parseDomain,
  parseNodeDevices,
} from '../../src/index.ts';

/** What a program without types could give. */
const WRONG: readonly (readonly [name: string, value: unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['an empty text', ''],
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
/** Of the functions that take more than texts, what they work with. */
let right: Readonly<Record<string, readonly unknown[]>>;
beforeAll(async () => {
  connection = await connect('test:///default');
  const [device] = parseNodeDevices(readFileSync('samples/vgpu.xml'));
  const domainText = readFileSync('samples/domains/s390.xml', 'utf8');
  if (device === undefined) throw new Error('no device');
  const hostdev = hostdevFor(device, { model: 'vfio-pci' });
  const domain = parseDomain(domainText);
  const topology = await connection.topology();
  const etcd = new fleet.EtcdClient({ endpoints: ['http://127.0.0.1:1'] });
  etcd.close();
  const reaching = { connect: () => Promise.resolve(connection) };
  const agent = { name: 'gpu1', signal: AbortSignal.abort(), report: () => undefined };
  right = {
    onHosts: [[], () => Promise.resolve(), reaching],
    onFleet: [[], '<device/>', reaching, {}],
    runAgent: [etcd, connection, agent],
    readHosts: [etcd],
    reserveAll: [etcd, [], {}],
    carryOut: [etcd, 'vm1', {}],
    release: [etcd, 'vm1', {}],
    formatHostdev: [hostdev, {}],
    formatNodeDevice: [device, {}],
    hostdevFor: [device, { model: 'vfio-pci' }],
    importTypes: ['x', {}],
    initSimulatedHost: ['/proc/none', 'nvidia-m60', {}],
    insertHostdev: [domainText, hostdev, {}],
    removeHostdev: [domainText, hostdev.uuid, {}],
    replaceHostdev: [domainText, hostdev.uuid, { uuid: hostdev.uuid }, {}],
    parsePlan: ['{}', {}],
    qemuDeviceArguments: [hostdev, { domain }],
    topologyDot: [topology],
    topologyHtml: [topology],
    topologySvg: [topology],
    topologyText: [topology, {}],
    validateDocument: [domainText, { domains: [domain] }],
  };
});

/** What a call comes to: an answer, or a refusal; anything else is what it was. */
async function outcome(call: () => unknown): Promise<string> {
  let answer: unknown;
  try {
    answer = call();
  } catch (error) {
    return error instanceof NodedevError ? 'thrown' : `threw ${String(error)}`;
  }
  try {
    await answer;
    return answer instanceof Promise ? 'resolved' : 'answered';
  } catch (error) {
    return error instanceof NodedevError ? 'rejected' : `rejected with ${String(error)}`;
  }
}

function functionOf(target: object, name: string): (...args: readonly unknown[]) => unknown {
  const value: unknown = Reflect.get(target, name);
  if (typeof value !== 'function') throw new Error(`${name} is no function`);
  return (...args): unknown => Reflect.apply(value, undefined, args);
}

/** Every failure at once: what comes to none of `allowed`, with a wrong value as each argument. */
async function failures(
  target: object,
  name: string,
  before: readonly unknown[],
  allowed: readonly string[],
): Promise<readonly string[]> {
  const call = functionOf(target, name);
  const found: string[] = [];
  for (const place of [...before.keys(), before.length]) {
    for (const [what, value] of WRONG) {
      const result = await outcome(() => call(...before.slice(0, place), value));
      if (!allowed.includes(result))
        found.push(`${name}, argument ${place + 1} ${what}: ${result}`);
    }
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
  'createGroup',
  'addToGroup',
  'removeFromGroup',
  'claim',
  'claimDevices',
  'release',
  'gc',
  'prepareDomain',
  'releaseDomain',
  'types',
  'mdevctlParents',
  'mdevctlDevices',
  'modify',
  'capture',
  'validate',
  'events',
  'startDomain',
  'stopDomain',
  'resetHost',
  'failCall',
  'delayCall',
  'plug',
  'unplug',
  'registerParent',
  'unregisterParent',
  'registerDriver',
  'unregisterDriver',
  'mountHost',
  'attach',
  'runCommand',
  'runDomain',
  'doctor',
  'recover',
  'recoveryState',
  'predict',
  'explain',
  'place',
  'domainNodes',
  'plan',
  'apply',
  'topology',
  'inventory',
] as const;

it('all methods are here', () => {
  const methods = Object.keys(connection).filter((name) => name !== 'uri' && name !== 'close');
  expect(new Set(methods)).toEqual(new Set(METHODS));
});

it.each(METHODS)('%s answers or refuses, whatever it is given', async (name) => {
  expect(await failures(connection, name, RIGHT, ['resolved', 'rejected'])).toEqual([]);
});

const ASYNCHRONOUS = new Set([
  'connect',
  'initSimulatedHost',
  'parseFleet',
  'onHosts',
  'onFleet',
  'runAgent',
  'reserveAll',
  'carryOut',
  'release',
  'readHosts',
]);
const doors = { ...library, ...documents, ...fleet };
const FUNCTIONS = Object.entries(doors)
  .filter(
    ([name, value]) =>
      typeof value === 'function' && !['NodedevError', 'EtcdClient'].includes(name),
  )
  .map(([name]) => name);

it.each(FUNCTIONS)('%s answers or refuses, whatever it is given', async (name) => {
  const allowed = ASYNCHRONOUS.has(name) ? ['resolved', 'rejected'] : ['answered', 'thrown'];
  expect(await failures(doors, name, right[name] ?? RIGHT, allowed)).toEqual([]);
});

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** All copies of `value` in which something inside, `depth` deep at most, is `wrong`. */
function* spoiled(value: object, wrong: unknown, depth: number): Generator<object> {
  for (const [key, inner] of Object.entries(value)) {
    const withIt = (changed: unknown): object =>
      Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
    yield withIt(wrong);
    if (depth === 1 || !isObject(inner)) continue;
    for (const changed of spoiled(inner, wrong, depth - 1)) yield withIt(changed);
  }
}

it.each([
  'formatHostdev',
  'formatNodeDevice',
  'hostdevFor',
  'qemuDeviceArguments',
  'insertHostdev',
  'replaceHostdev',
  'topologyDot',
  'topologyHtml',
  'topologySvg',
  'topologyText',
])('%s answers or refuses, whatever is wrong inside of what it is given', async (name) => {
  const call = functionOf(library, name);
  const args = right[name] ?? [];
  const found: string[] = [];
  let calls = 0;
  for (const [what, wrong] of WRONG) {
    for (const changed of spoiled(args, wrong, 4)) {
      calls += 1;
      const given: readonly unknown[] = Object.values(changed);
      const result = await outcome(() => call(...given));
      if (!['answered', 'thrown'].includes(result)) found.push(`${what}: ${result}`);
    }
  }
  expect([...new Set(found)]).toEqual([]);
  expect(calls).toBeGreaterThan(WRONG.length * 4);
});

it('refuses what is nothing of this library', () => {
  const names = ['formatNodeDevice', 'formatHostdev', 'hostdevFor', 'qemuDeviceArguments'];
  for (const name of [...names, 'topologyText']) {
    for (const value of [undefined, null, 7, '', [], {}, Symbol('x')]) {
      expect(() => functionOf(library, name)(value)).toThrow(`${name}: argument 1`);
    }
  }
});

it('says which argument is wrong, and changes nothing', async () => {
  const misspelt: object = { dryrun: true };
  await expect(connection.gc(misspelt)).rejects.toMatchObject({
    code: 'request-invalid',
    message: expect.stringMatching(/^gc: argument 1, dryrun: /u),
  });
});

it.each(WRONG)('a client of etcd made of %s answers or refuses', async (_, value) => {
  const make = (): unknown => Reflect.construct(fleet.EtcdClient, [value]);
  expect(await outcome(make)).toMatch(/^(?:answered|thrown)$/u);
});
