import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect } from '../../../src/index.ts';
import { definitionFiles, memoryDefinitions } from '../../../src/engine/definitions/definitions.ts';
import { fileError } from '../../../src/engine/definitions/problems.ts';
import { examine } from '../../../src/engine/doctor/examine.ts';
import { memoryJournal } from '../../../src/engine/journal/journal.ts';
import { type KvReader, MemoryPart } from '../../../src/engine/store/kv.ts';
import { Store } from '../../../src/engine/store/store.ts';
import type { Issue } from '../../../src/errors.ts';
import { type Holder, type Host, type HostDevice, HostError } from '../../../src/host/host.ts';
import { SysfsHost } from '../../../src/host/sysfs/host.ts';
import { examined, present, sampleHost, uuidOf } from './hosts.ts';

const DEVICE = `mdev_${uuidOf(1).replaceAll('-', '_')}_0000_86_00_0`;

/** A host with one device that was made behind the engine's back. */
function hostWithStranger(): { readonly folder: string; readonly open: () => void } {
  const { folder, host } = sampleHost('nvidia-m60');
  host.create(present(host.parent('0000:86:00.0')), 'nvidia-18', uuidOf(1));
  const device = present(host.find(uuidOf(1)));
  return { folder, open: () => host.open([device], { domain: 'vm1' }) };
}

/** The doctor's findings for a host and a store of the test's. */
function examinedWith(host: Host, hiddenFile?: string): Promise<readonly Issue[]> {
  class HiddenPart<V> extends MemoryPart<V> {
    override read(): KvReader<V> {
      if (hiddenFile !== undefined)
        throw fileError('read', hiddenFile, Object.assign(new Error(), { code: 'EACCES' }));
      return super.read();
    }
  }
  return examine({
    host,
    store: new Store({ active: new HiddenPart(), persistent: new MemoryPart(), bootId: () => 'x' }),
    definitions: host.root === undefined ? memoryDefinitions() : definitionFiles(host.root),
    journal: memoryJournal(),
    newUuid: () => uuidOf(9),
    now: Date.now,
    report: () => undefined,
  });
}

it('finds a device nobody uses, defined or made', async () => {
  const { folder } = hostWithStranger();
  expect(await examined(`sim://${folder}`)).toMatchObject([
    {
      code: 'doctor-orphan',
      severity: 'warning',
      message: expect.stringContaining(DEVICE),
      hint: expect.stringContaining(`destroy('${DEVICE}', { adopt: true })`),
    },
  ]);
});

it('only notices a device of somebody else that is in use', async () => {
  const { folder, open } = hostWithStranger();
  open();
  expect(await examined(`sim://${folder}`)).toMatchObject([
    {
      code: 'doctor-foreign-device',
      severity: 'notice',
      message: expect.stringContaining("in use by domain 'vm1'"),
    },
  ]);
});

it.each([
  ['a definition', '{"mdev_type":"nvidia-18","start":"manual"}', []],
  ['a broken definition, which is another finding', '{', ['doctor-definition-unreadable']],
])('leaves a device alone that has %s', async (_, text, codes) => {
  const { folder } = hostWithStranger();
  const place = join(folder, 'etc/mdevctl.d/0000:86:00.0');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, uuidOf(1)), text);
  expect((await examined(`sim://${folder}`)).map(({ code }) => code)).toEqual(codes);
});

it('notices groups without an owner until they are claimed', async () => {
  const { folder } = sampleHost('nvidia-m60');
  const manager = await connect(`sim://${folder}`);
  await manager.create(
    "<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/><group>g1</group></capability></device>",
  );
  expect(await manager.doctor()).toMatchObject([
    { code: 'doctor-without-owner', severity: 'notice', message: expect.stringContaining("'g1'") },
  ]);
  await manager.claim('g1', { name: 'vm1' });
  expect(await manager.doctor()).toEqual([]);
  await manager.close();
});

/** What the kernel tells an ordinary user. */
class OrdinaryHost extends SysfsHost {
  override holders(_: HostDevice): readonly Holder[] {
    throw new HostError('EACCES', '/dev/vfio/1');
  }
}

it('does not call a device an orphan that it may not ask about', async () => {
  const { folder } = hostWithStranger();
  expect(await examinedWith(new OrdinaryHost(folder))).toMatchObject([
    { code: 'doctor-foreign-device', hint: expect.stringContaining('as root') },
  ]);
});

it('says that it may not read the store, and then nothing of owners', async () => {
  const { folder } = hostWithStranger();
  const file = '/run/virt-nodedev/active.json';
  expect(await examinedWith(new SysfsHost(folder), file)).toMatchObject([
    {
      code: 'doctor-store-unreadable',
      severity: 'warning',
      message: expect.stringContaining(file),
    },
  ]);
});

it('says that the store is broken', async () => {
  const { folder } = hostWithStranger();
  mkdirSync(join(folder, 'run/virt-nodedev'), { recursive: true });
  writeFileSync(join(folder, 'run/virt-nodedev/active.json'), 'no store\n'.repeat(2000));
  expect(await examined(`sim://${folder}`)).toMatchObject([
    { code: 'doctor-store-unreadable', message: expect.stringContaining('active.json') },
  ]);
});
