import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type NodeDeviceManager, NodedevError } from '../../../src/index.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { interceptFs } from '../../support/intercept-fs.mjs';

/** What a name could try: to be a path, an option, a line of its own, or too long. */
const HOSTILE = {
  'a slash': 'a/b',
  'an absolute path': '/etc/passwd',
  'a way up': '../../etc/passwd',
  'two dots': '..',
  'a dot': '.',
  'a leading dot': '.hidden',
  'an option': '-rf',
  'a newline': 'a\nb',
  'a carriage return': 'a\rb',
  NUL: 'a\0b',
  'an escape of one byte': 'a\u009b1m',
  'a turn of text': 'a\u202eb',
  'a mark of direction': 'a\u061cb',
  'a line separator': 'a\u2028b',
  '4 kB': 'a'.repeat(4096),
  nothing: '',
} as const;

const UUID = '00000000-0000-4000-8000-000000000001';
const OTHER = '00000000-0000-4000-8000-000000000002';
const VM = { name: 'vm1' };

let folder: string;
let root: string;
let manager: NodeDeviceManager;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-'));
  root = join(folder, 'host');
  makeSimulatedHost(root, 'nvidia-m60');
  manager = await connect(`sim://${root}`);
  await manager.define(documentOf({ uuid: UUID, group: 'g' }));
  await manager.startGroup('g');
});

afterAll(async () => {
  await manager.close();
  rmSync(folder, { recursive: true });
});

/** A text in XML; NUL stays what it is, and no reader lets it through. */
const escaped = (text: string): string =>
  text.replace(/[<>&'"\n\r]/gu, (character) => `&#${character.codePointAt(0)};`);

interface Names {
  readonly parent?: string;
  readonly type?: string;
  readonly uuid?: string;
  readonly group?: string;
  readonly alias?: string;
  readonly attribute?: string;
}

function documentOf(names: Names): string {
  const { parent = 'pci_0000_86_00_0', type = 'nvidia-18', uuid, group, alias, attribute } = names;
  const element = (name: string, text: string | undefined): string =>
    text === undefined ? '' : `<${name}>${escaped(text)}</${name}>`;
  return `<device>${element('name', alias)}${element('parent', parent)}<capability type='mdev'>
    <type id='${escaped(type)}'/>${element('uuid', uuid)}${element('group', group)}
    ${attribute === undefined ? '' : `<attr name='${escaped(attribute)}' value='1'/>`}
    </capability></device>`;
}

/** Every way a name gets in. */
const WAYS: Readonly<Record<string, (name: string) => Promise<unknown>>> = {
  'create: parent': (parent) => manager.create(documentOf({ parent })),
  'create: type': (type) => manager.create(documentOf({ type })),
  'create: uuid': (uuid) => manager.create(documentOf({ uuid })),
  'create: group': (group) => manager.create(documentOf({ group })),
  'create: name': (alias) => manager.create(documentOf({ alias })),
  'create: attribute': (attribute) => manager.create(documentOf({ attribute })),
  'define: parent': (parent) => manager.define(documentOf({ parent, uuid: OTHER })),
  'define: type': (type) => manager.define(documentOf({ type, uuid: OTHER })),
  'define: uuid': (uuid) => manager.define(documentOf({ uuid })),
  'define: group': (group) => manager.define(documentOf({ group, uuid: OTHER })),
  'define: name': (alias) => manager.define(documentOf({ alias, uuid: OTHER })),
  'define: attribute': (attribute) => manager.define(documentOf({ attribute, uuid: OTHER })),
  'update: device': (name) => manager.update(name, documentOf({})),
  'update: parent': (parent) => manager.update(UUID, documentOf({ parent })),
  'update: type': (type) => manager.update(UUID, documentOf({ type })),
  'update: uuid': (uuid) => manager.update(UUID, documentOf({ uuid })),
  'update: group': (group) => manager.update(UUID, documentOf({ group })),
  'update: name': (alias) => manager.update(UUID, documentOf({ alias })),
  'update: attribute': (attribute) => manager.update(UUID, documentOf({ attribute })),
  'update of the definition: attribute': (attribute) =>
    manager.update(UUID, documentOf({ attribute }), { config: true }),
  destroy: (name) => manager.destroy(name),
  'destroy a group': (name) => manager.destroyGroup(name),
  undefine: (name) => manager.undefine(name),
  start: (name) => manager.start(name),
  'start a group': (name) => manager.startGroup(name),
  'start a parent': (name) => manager.startParent(name),
  autostart: (name) => manager.autostart(name, true),
  'claim: group': (name) => manager.claim(name, VM),
  'claim: domain': (name) => manager.claim('g', { name }),
  'claim: uuid of the domain': (uuid) => manager.claim('g', { ...VM, uuid }),
  release: (name) => manager.release(name),
  dumpxml: (name) => manager.dumpxml(name),
  lookup: (name) => manager.lookup(name),
  info: (name) => manager.info(name),
  group: (name) => manager.group(name),
  types: (parent) => manager.types({ parent }),
  events: (device) => manager.events({ device }),
  'start a domain': (name) =>
    manager.startDomain(`<domain><name>${escaped(name)}</name><devices/></domain>`),
  'stop a domain': (name) => manager.stopDomain(name),
};

/** What is a name all the same: where none is needed, and in sysfs, whose attributes can stand in folders. */
function isAllowed(way: string, kind: string): boolean {
  if (way.endsWith('attribute')) return ['a slash', 'a leading dot', 'an option'].includes(kind);
  return kind === 'nothing' && /^(create|define|update): (name|uuid|group)$/u.test(way);
}

describe.each(Object.keys(WAYS))('%s', (way) => {
  it.each(Object.entries(HOSTILE).filter(([kind]) => !isAllowed(way, kind)))(
    'refuses %s before anything is written',
    async (_, name) => {
      const stores = ['run/virt-nodedev/active.json', 'var/lib/virt-nodedev/persistent.json'];
      const contents = () =>
        stores.map((path) => readFileSync(join(root, path)).toString('base64'));
      const before = contents();
      const changes: string[] = [];
      const restore = interceptFs(({ name: call, args, isChange }) => {
        // Taking the lock is no change of anything it guards.
        const path = args.join(' ');
        const isOfLock = path.includes('/virt-nodedev/lock/') || path.startsWith('/proc/self/fd/');
        if (isChange && !isOfLock) changes.push(`${call} ${path}`);
      });
      const refusal = await WAYS[way]?.(name).then(
        (result) => ({ result }),
        (error: unknown) => error,
      );
      restore();
      expect(refusal).toBeInstanceOf(NodedevError);
      expect(changes).toEqual([]);
      expect(contents()).toEqual(before);
    },
  );
});
