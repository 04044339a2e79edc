import { expect, it } from 'vitest';
import { connect } from '../../../src/index.ts';

const xml = (number: number): string =>
  `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/>
    <uuid>00000000-1111-4222-8333-00000000000${number}</uuid><group>g</group></capability></device>`;

it('a device comes into the group of a running VM only where that is allowed', async () => {
  await using manager = await connect('test:///default');
  await manager.create(xml(1));
  await manager.startDomain(`<domain type='kvm'><name>vm1</name><memory>1</memory><os><type>hvm</type></os><devices>
    <hostdev mode='subsystem' type='mdev' model='vfio-pci'><source>
      <address uuid='00000000-1111-4222-8333-000000000001'/></source></hostdev></devices></domain>`);
  await expect(manager.create(xml(2))).rejects.toMatchObject({
    code: 'hotplug-refused',
    message: expect.stringMatching(
      /^group 'g' is open in domain 'vm1'; an NVIDIA vGPU is not added to a running VM \(https:/u,
    ),
    hint: expect.stringContaining('`allowHotplug`'),
  });
  expect((await manager.list({ capabilities: ['mdev'] })).items).toHaveLength(1);
  await manager.create(xml(2), { allowHotplug: true });
  expect((await manager.list({ capabilities: ['mdev'] })).items).toHaveLength(2);
});

const domain = (...numbers: readonly number[]): string => {
  const hostdevs = numbers.map(
    (number) => `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source>
      <address uuid='00000000-1111-4222-8333-00000000000${number}'/></source></hostdev>`,
  );
  return `<domain type='kvm'><name>vm1</name><memory>1</memory><os><type>hvm</type></os>
    <devices>${hostdevs.join('')}</devices></domain>`;
};

it.each([
  [[1, 2], 'in-use', "domain 'vm1' is running with these devices"],
  [
    [1, 2, 3],
    'hotplug-refused',
    "domain 'vm1' is running; an NVIDIA vGPU is not added to a running VM (https:",
  ],
  [
    [1],
    'group-open',
    "domain 'vm1' is running with 'mdev_00000000_1111_4222_8333_000000000002_0000_86_00_0'; a running VM keeps its devices",
  ],
])('a domain that runs with 1 and 2 is started with %j', async (numbers, code, message) => {
  await using manager = await connect('test:///default');
  await manager.create([xml(1), xml(2), xml(3)]);
  await manager.startDomain(domain(1, 2));
  await expect(manager.startDomain(domain(...numbers))).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
  expect(await manager.stopDomain('vm1')).toHaveLength(2);
});
