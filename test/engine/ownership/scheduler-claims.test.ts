import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/remote/connect.ts';

const [A, B] = ['11111111-2222-4333-8444-000000000001', '11111111-2222-4333-8444-000000000002'];
const VM = { name: 'default_vm1' };

/** A group of a profile's devices, and the domain that has one of them. */
const HOSTS = [
  {
    profile: 'nvidia-m60',
    parents: ['pci_0000_86_00_0', 'pci_0000_87_00_0'],
    type: 'nvidia-18',
    named: [A, B, B.toUpperCase(), `mdev_${A.replaceAll('-', '_')}_0000_86_00_0`],
    source: `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${A}'/></source></hostdev>`,
  },
  {
    profile: 'nvidia-l40s',
    parents: ['pci_0000_42_00_4', 'pci_0000_42_00_5'],
    type: 'nvidia-1155',
    named: [A, '0000:42:00.4', '0000:42:00.5', '00000000:42:00.5', 'pci_0000_42_00_5'],
    source:
      "<hostdev mode='subsystem' type='pci' managed='no'><source><address domain='0x0000' bus='0x42' slot='0x00' function='0x4'/></source></hostdev>",
  },
];

describe.each(HOSTS)('on $profile', ({ profile, parents, type, named, source }) => {
  const domain = (name: string): string =>
    `<domain type='kvm'><name>${name}</name><devices>${source}</devices></domain>`;

  async function host(): ReturnType<typeof connect> {
    const connection = await connect(`test:///${profile}`);
    const [first, second] = [A, B].map(
      (uuid, index) =>
        `<device><parent>${parents[index] ?? ''}</parent><capability type='mdev'><type id='${type}'/><group>pair</group><uuid>${uuid}</uuid></capability></device>`,
    );
    await connection.create([first ?? '', second ?? '']);
    return connection;
  }

  it.each(named)('%s claims its group, and releases it', async (name) => {
    await using connection = await host();
    const claimed = await connection.claim(name, VM);
    expect(claimed).toMatchObject({ name: 'pair', owner: { ...VM, by: 'claim' } });
    expect(await connection.gc({ olderThan: 0 })).toMatchObject({ orphans: [] });
    await expect(connection.claim('pair', { name: 'other' })).rejects.toMatchObject({
      code: 'group-owned',
    });
    await expect(connection.prepareDomain(domain('other'))).rejects.toMatchObject({
      code: 'group-member',
    });
    expect(await connection.prepareDomain(domain(VM.name))).toMatchObject({ groups: ['pair'] });
    await connection.releaseDomain(domain(VM.name));
    const released = await connection.release(name);
    expect(released).toMatchObject({ name: 'pair' });
    expect(released.owner).toBeUndefined();
  });
});

it('what is no device is no group', async () => {
  await using connection = await connect('test:///nvidia-l40s');
  for (const name of [A, '0000:42:00.4', '0000:42:00.0', '0000:ff:00.0', 'nothing']) {
    await expect(connection.claim(name, VM)).rejects.toMatchObject({ code: 'group-unknown' });
    await expect(connection.release(name)).rejects.toMatchObject({ code: 'group-unknown' });
  }
});
