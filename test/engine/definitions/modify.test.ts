import * as fc from 'fast-check';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { connect, type Connection, NodedevError } from '../../../src/index.ts';
import { parseDefinition } from '../../../src/engine/definitions/definition.ts';
import type { DefinitionChange } from '../../../src/engine/call-options.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const UUID = 'ffffffff-1111-4222-8333-000000000001';
const PARENT = '0000:86:00.0';
const NAME = `mdev_${UUID.replaceAll('-', '_')}_0000_86_00_0`;
const xml = (attributes = '', uuid = UUID): string =>
  `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/><uuid>${uuid}</uuid>${attributes}</capability></device>`;

interface World {
  readonly folder: string;
  readonly host: Connection;
  /** The bytes of its definition. */
  readonly bytes: () => string;
  readonly attributes: () => readonly (readonly [string, string])[];
}

/** A host with one definition, of attributes `a=1`, `b=2`. */
async function world(): Promise<World> {
  const folder = join(temporaryFolder({ inMemory: true }), 'host');
  makeSimulatedHost(folder, 'nvidia-m60');
  const host = await connect(`sim://${folder}`);
  await host.define(xml("<attr name='a' value='1'/><attr name='b' value='2'/>"));
  const bytes = (): string => readFileSync(join(folder, 'etc/mdevctl.d', PARENT, UUID), 'utf8');
  const attributes = () => {
    return parseDefinition(bytes()).attributes.map(({ name, value }) => [name, value] as const);
  };
  return { folder, host, bytes, attributes };
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'done';
  } catch (error) {
    return error instanceof NodedevError ? error.code : `threw ${String(error)}`;
  }
}

describe('modify', () => {
  it.each<[DefinitionChange, string]>([
    [{}, 'a=1 b=2'],
    [{ autostart: true }, 'a=1 b=2'],
    [{ attributes: [] }, ''],
    [{ attributes: [{ name: 'x', value: '' }] }, 'x='],
    [{ addAttribute: { name: 'c', value: '3' } }, 'a=1 b=2 c=3'],
    [{ addAttribute: { name: 'c', value: '3', index: 0 } }, 'c=3 a=1 b=2'],
    [{ addAttribute: { name: 'a', value: '3', index: 2 } }, 'a=1 b=2 a=3'],
    [{ deleteAttribute: {} }, 'a=1'],
    [{ deleteAttribute: { index: 0 } }, 'b=2'],
    [
      { attributes: [{ name: 'x', value: 'y' }], addAttribute: { name: 'z', value: '', index: 0 } },
      'z= x=y',
    ],
    [{ attributes: [], deleteAttribute: {} }, ''],
  ])('%j leaves the attributes %s', async (change, expected) => {
    const { host, attributes } = await world();
    await host.modify(NAME, change);
    expect(
      attributes()
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    ).toBe(expected);
    await host.close();
  });

  it.each<[string, DefinitionChange, string]>([
    [NAME, { addAttribute: { name: 'c', value: '3', index: 3 } }, 'attribute-invalid'],
    [NAME, { deleteAttribute: { index: 2 } }, 'attribute-invalid'],
    [NAME, { addAttribute: { name: '../../remove', value: '1' } }, 'definition-invalid'],
    [NAME, { addAttribute: { name: '/etc/passwd', value: '1' } }, 'definition-invalid'],
    [NAME, { addAttribute: { name: '', value: '1' } }, 'definition-invalid'],
    [NAME, { attributes: [{ name: 'a\0', value: '1' }] }, 'definition-invalid'],
    [NAME, { attributes: [{ name: 'a', value: '\uD800' }] }, 'definition-invalid'],
    [NAME, { type: 'nvidia-99' }, 'type-unknown'],
    [NAME, { type: '../nvidia-18' }, 'type-unknown'],
    [NAME, { type: '' }, 'type-unknown'],
    ['mdev_none', { autostart: true }, 'device-unknown'],
    ['../../etc/passwd', { autostart: true }, 'device-unknown'],
    ['', { autostart: true }, 'device-unknown'],
    ['computer', { autostart: true }, 'unsupported-device'],
    ['pci_0000_86_00_0', { autostart: true }, 'unsupported-device'],
  ])('of %s, %j is refused with %s, and nothing is changed', async (name, change, code) => {
    const { host, bytes } = await world();
    const before = bytes();
    expect(await codeOf(host.modify(name, change))).toBe(code);
    expect(bytes()).toBe(before);
    await host.close();
  });

  it('finds the device by its uuid, changes its type, and keeps what mdevctl does not know', async () => {
    const { folder, host, bytes } = await world();
    const path = join(folder, 'etc/mdevctl.d', PARENT, UUID);
    writeFileSync(path, bytes().replace('{', '{"other":[1],'));
    const info = await host.modify(UUID, { type: 'nvidia-22', autostart: true });
    expect(info).toMatchObject({ name: NAME, autostart: true, type: 'nvidia-22' });
    expect(JSON.parse(bytes())).toMatchObject({
      mdev_type: 'nvidia-22',
      start: 'auto',
      other: [1],
    });
    await host.close();
  });

  it('an active device keeps its type, and no script means no live change', async () => {
    const { host, bytes } = await world();
    await host.modify(NAME, { attributes: [] });
    await host.start(NAME);
    const before = bytes();
    expect(await codeOf(host.modify(NAME, { type: 'nvidia-22' }))).toBe('definition-mismatch');
    expect(await codeOf(host.modify(NAME, { autostart: true }, { live: true }))).toBe(
      'script-failed',
    );
    expect(bytes()).toBe(before);
    await host.close();
  });

  it('of a device that is active only, there is nothing to change', async () => {
    const { host } = await world();
    const other = UUID.replace(/1$/u, '2');
    await host.create(xml('', other));
    expect(await codeOf(host.modify(other, { autostart: true }))).toBe('device-undefined');
    await host.close();
  });

  it('a dry run, and a connection for looking only, change nothing', async () => {
    const { folder, bytes } = await world();
    const before = bytes();
    await using dry = await connect(`sim://${folder}`, { dryRun: true });
    expect(await dry.modify(NAME, { autostart: true })).toMatchObject({ autostart: true });
    await using looking = await connect(`sim://${folder}`, { readOnly: true });
    expect(await codeOf(looking.modify(NAME, { autostart: true }))).toBe('read-only');
    expect(bytes()).toBe(before);
  });

  it('whatever is given, the file stays a definition of this device, and no other file comes', async () => {
    const { folder, host, bytes, attributes } = await world();
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        'a',
        'nvidia/vgpu_params',
        '..',
        '/',
        'a/../b',
        '\n',
        '\0',
        '\u202e',
        '{"',
        '__proto__',
      ),
    );
    const index = fc.option(fc.nat(4), { nil: undefined });
    const changes = fc.record(
      {
        autostart: fc.boolean(),
        attributes: fc.array(fc.record({ name: text, value: text }), { maxLength: 3 }),
        addAttribute: fc.record({ name: text, value: text, index }),
        deleteAttribute: fc.record({ index }),
      },
      { requiredKeys: [] },
    );
    const folders = (): readonly string[] => readdirSync(join(folder, 'etc/mdevctl.d'));
    const before = folders();
    await fc.assert(
      fc.asyncProperty(changes, async (change) => {
        const old = bytes();
        const code = await codeOf(host.modify(NAME, change));
        expect(code).toMatch(/^(?:done|definition-invalid|attribute-invalid)$/u);
        const isSame = bytes() === old;
        expect(isSame || code === 'done').toBe(true);
        const names = attributes().map(([name]) => name);
        expect(names.some((name) => name.split('/').includes('..') || name.startsWith('/'))).toBe(
          false,
        );
        // mdevctl, and we, read it again.
        expect((await host.mdevctlDevices({ defined: true })).items).toMatchObject([
          { uuid: UUID, problem: undefined },
        ]);
        expect(folders()).toEqual(before);
      }),
      { numRuns: 60 },
    );
    await host.close();
  });
});

describe('define with onlyNew', () => {
  it.each([
    ['defined with the same', xml(), 'device-defined'],
    ['defined with another type', xml().replace('nvidia-18', 'nvidia-22'), 'device-defined'],
    ['new', xml('', UUID.replace(/1$/u, '3')), 'done'],
  ])('a device that is %s: %s', async (_, document, code) => {
    const { host, bytes } = await world();
    const before = bytes();
    expect(await codeOf(host.define(document, { onlyNew: true }))).toBe(code);
    expect(bytes()).toBe(before);
    await host.close();
  });

  it('of several devices, one that is defined keeps the others from being so', async () => {
    const { host, folder } = await world();
    const others = [xml('', UUID.replace(/1$/u, '3')), xml()];
    expect(await codeOf(host.define(others, { onlyNew: true }))).toBe('device-defined');
    expect(readdirSync(join(folder, 'etc/mdevctl.d', PARENT))).toEqual([UUID]);
    await host.close();
  });

  it('a definition that cannot be read is one', async () => {
    const { host, folder } = await world();
    writeFileSync(join(folder, 'etc/mdevctl.d', PARENT, UUID), '{');
    expect(await codeOf(host.define(xml(), { onlyNew: true }))).toBe('device-defined');
    await host.close();
  });

  it('without it, what is defined is changed', async () => {
    const { host, attributes } = await world();
    expect(await codeOf(host.define(xml("<attr name='c' value='3'/>")))).toBe('done');
    expect(attributes()).toEqual([['c', '3']]);
    await host.close();
  });

  it('of two that define the same at once, one succeeds', async () => {
    const { host, folder } = await world();
    await using second = await connect(`sim://${folder}`);
    const document = xml('', UUID.replace(/1$/u, '4'));
    const codes = await Promise.all(
      [host, second].map((each) => codeOf(each.define(document, { onlyNew: true }))),
    );
    expect(codes.toSorted()).toEqual(['device-defined', 'done']);
    await host.close();
  });
});
