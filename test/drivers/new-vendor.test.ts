import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { registerDriver } from '../../src/drivers/registry.ts';
import { validateDocument } from '../../src/engine/validate/document.ts';
import { typeFields } from '../../src/drivers/type-fields.ts';
import { refusal } from '../../src/engine/wording/refusals.ts';
import { HostError } from '../../src/host/host.ts';
import { initSimulatedHost } from '../../src/plan/connect.ts';
import type { Connection } from '../../src/plan/connection.ts';
import { examined, gpu, rootWith } from '../engine/doctor/hosts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { acme, acmeHost } from './acme.ts';

// A vendor is added by registering its driver: no file of the package knows this one.
beforeAll(() => registerDriver(acme)); // what it returns, vitest calls afterwards

async function host(): Promise<Connection> {
  const manager = await initSimulatedHost(temporaryFolder(), acmeHost);
  onTestFinished(() => manager.close());
  return manager;
}

const deviceOf = (type: string): string =>
  `<device><parent>pci_0000_05_00_0</parent><capability type='mdev'><type id='${type}'/></capability></device>`;

it('offers its types with what they have, and creates, lists and dumps a device', async () => {
  const manager = await host();
  expect((await manager.types()).items).toMatchObject([
    { id: 'acme-1', name: 'Acme Small', availableInstances: 3, facts: { cores: 2 } },
    { id: 'acme-2', availableInstances: 1, facts: { cores: 4 } },
  ]);
  const { devices } = await manager.create(deviceOf('acme-2'));
  expect((await manager.list({ capabilities: ['mdev'] })).items).toMatchObject(
    devices.map(({ name }) => ({ name })),
  );
  expect(await manager.dumpxml(devices[0]?.name ?? '')).toContain(
    "<attribute name='cores'>4</attribute>",
  );
  expect((await manager.types()).items.map((type) => type.availableInstances)).toEqual([1, 0]);
});

it('is chosen by its own facts and its short names', async () => {
  const manager = await host();
  expect(typeFields().map(({ name }) => name)).toContain('cores');
  const large = await manager.types({ where: 'cores>=4' });
  expect(large.items.map(({ id }) => id)).toEqual(['acme-2']);
  await manager.create(deviceOf('Small'));
  await manager.create(deviceOf('cores=4'));
  expect((await manager.types()).items.map((type) => type.availableInstances)).toEqual([0, 0]);
});

it('is predicted, explained and placed by its rules', async () => {
  const manager = await host();
  const { items } = await manager.predict([{ type: 'acme-1', count: 1 }]);
  expect(items.map(({ type, available }) => [type, available])).toEqual([
    ['acme-1', 2],
    ['acme-2', 1],
  ]);
  const { devices } = await manager.create(deviceOf('acme-1'));
  const explained = await manager.explain('acme-2');
  expect(explained.items).toMatchObject([{ rule: 'All devices share 6 cores.', available: 1 }]);
  expect(await manager.place([{ type: 'acme-2', count: 2 }])).toMatchObject({ fits: false });
  expect(devices).toHaveLength(1);
});

it('is refused in its own words', () => {
  const path = '/sys/devices/pci0000:00/0000:05:00.0/mdev_supported_types/acme-1/create';
  const refused = refusal(new HostError('ENOSPC', path), 'Unable to create x', { type: 'acme-1' });
  expect(refused).toMatchObject({
    code: 'no-instances',
    message: `Unable to create x: the card has too few cores left (ENOSPC ${path})`,
    hint: 'destroy a device of this card; `acmectl log` shows what the driver said',
  });
});

it('is missed in its own words where its hardware is, and by what a person would load', async () => {
  const bare = rootWith(gpu('0000:05:00.0', { vendor: '0xacce' }));
  expect(await examined(`sysfs://${bare}`)).toContainEqual(
    expect.objectContaining({
      code: 'doctor-no-mdev-support',
      message: expect.stringContaining('Acme card 0000:05:00.0: acme_vfio is not loaded'),
      hint: expect.stringContaining('`modprobe acme_vfio`'),
    }),
  );
  const empty = rootWith({ 'sys/bus/pci/devices/': '' });
  expect(await examined(`sysfs://${empty}`)).toContainEqual(
    expect.objectContaining({ hint: expect.stringContaining('acme_vfio') }),
  );
});

it('has its settings checked, each at its place', () => {
  const issues = validateDocument(acmeHost.replace("value='6'", "value='many'"));
  expect(issues).toMatchObject([
    {
      code: 'profile-invalid',
      message: expect.stringContaining("'cores'"),
      location: { line: 12, column: 27 },
    },
  ]);
  expect(validateDocument(acmeHost)).toEqual([]);
});

it('has a rule for the devices of one domain', async () => {
  const manager = await host();
  const { devices } = await manager.create([deviceOf('acme-1'), deviceOf('acme-1')]);
  const hostdevs = devices.map(
    ({ uuid }) =>
      `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${uuid}'/></source></hostdev>`,
  );
  const reports = await manager.validate(
    `<domain type='kvm'><name>a</name><devices>${hostdevs.join('')}</devices></domain>`,
  );
  const issues = reports.flatMap((report) => report.issues);
  expect(issues.map(({ code, message }) => [code, message])).toContainEqual([
    'acme-vgpus-mixed',
    'Small and Small do not go into one VM: a VM takes one',
  ]);
});
