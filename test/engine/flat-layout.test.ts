import { expect, it } from 'vitest';
import { initSimulatedHost } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Connection } from '../../src/plan/connection.ts';

/** All that a life of a GPU's devices shows. */
async function life(host: Connection): Promise<readonly unknown[]> {
  const shown: unknown[] = [];
  const show = async (of: Promise<unknown>): Promise<void> => {
    shown.push(await of.catch((error: unknown) => String(error).replaceAll(/ \(.*\)/g, '')));
  };
  const device = (type: string, rest = ''): string =>
    `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'>
       <type id='${type}'/>${rest}<group>guests</group></capability></device>`;
  const uuid = `<uuid>00000000-1111-4222-8333-00000000000a</uuid>`;
  await show(
    host.create([device('nvidia-18', uuid), device('GRID M60-2Q', '<params>a=1</params>')]),
  );
  await show(host.create(device('nvidia-22')));
  await show(host.create(device('nvidia-18', uuid)));
  for (const name of ['computer', 'pci_0000_86_00_0', '00000000-1111-4222-8333-00000000000a']) {
    await show(host.dumpxml(name));
    await show(host.info(name));
  }
  await show(host.types());
  await show(host.groups());
  await show(host.predict([{ type: 'nvidia-18', count: 2 }]));
  await show(host.explain('nvidia-22'));
  await show(host.define(device('nvidia-17', '<uuid>00000000-1111-4222-8333-00000000000b</uuid>')));
  await show(host.start('00000000-1111-4222-8333-00000000000b'));
  const plan = await host.plan(device('nvidia-18', uuid), { prune: true });
  await show(Promise.resolve(plan.actions));
  const guest = `<domain type='kvm'><name>guest</name><devices><hostdev mode='subsystem' type='mdev' model='vfio-pci'>
    <source><address uuid='00000000-1111-4222-8333-00000000000a'/></source></hostdev></devices></domain>`;
  await show(host.startDomain(guest));
  await show(host.destroyGroup('guests'));
  await show(host.stopDomain('guest'));
  await show(host.apply(plan));
  await show(host.unplug('pci_0000_86_00_0'));
  await show(host.list({ state: 'all' }));
  await show(host.plug('pci_0000_86_00_0'));
  await show(host.types());
  await show(host.create(device('nvidia-22')));
  await show(host.resetHost());
  await show(host.doctor());
  return shown;
}

it('a host with the flat layout of 2016 shows what another one shows', async () => {
  const folder = temporaryFolder();
  const [flat, other] = await Promise.all(
    (['v7', undefined] as const).map(async (layout) => {
      let count = 0;
      const newUuid = (): string => `00000000-0000-4000-8000-00000000000${++count}`;
      const now = (): number => 0;
      const options = { layout, newUuid, now };
      const host = await initSimulatedHost(`${folder}/${layout}`, 'nvidia-m60', options);
      const shown = await life(host);
      await host.close();
      return JSON.stringify(shown, null, 1);
    }),
  );
  // The series' devices are bound to one driver, as before Linux 5.14.
  expect(flat?.replaceAll('vfio_mdev', 'nvidia-vgpu-vfio')).toBe(other);
});
