import { expect, it } from 'vitest';
import { connect } from '../../../src/index.ts';
import type { NodeDeviceManager } from '../../../src/engine/node-device-manager.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const NAME = 'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0';
const DOMAIN = `<domain type='kvm'><name>vm1</name><devices>
<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${UUID}'/></source></hostdev>
</devices></domain>`;

/** Two connections to a host with a device that vm1 has open. */
async function hostInUse(): Promise<readonly [NodeDeviceManager, NodeDeviceManager]> {
  const folder = temporaryFolder({ inMemory: true });
  makeSimulatedHost(folder, 'nvidia-m60');
  const one = await connect(`sim://${folder}`);
  await one.create(`<device><parent>pci_0000_86_00_0</parent><capability type='mdev'>
<type id='nvidia-18'/><uuid>${UUID}</uuid><group>g</group></capability></device>`);
  await one.startDomain(DOMAIN);
  return [one, await connect(`sim://${folder}`)];
}

it.each<readonly [string, (manager: NodeDeviceManager) => Promise<unknown>]>([
  ['a device', (manager) => manager.destroy(NAME, { wait: 60 })],
  ['a group', (manager) => manager.destroyGroup('g', { wait: 60 })],
])('waits for %s to be closed, while others change the host', async (_, destroy) => {
  const [one, other] = await hostInUse();
  const destroyed = destroy(one);
  await other.claim('g', { name: 'vm1' });
  await other.stopDomain('vm1');
  await other.release('g');
  expect(await destroyed).toMatchObject([{ name: NAME }]);
  expect((await other.list({ capabilities: ['mdev'] })).items).toEqual([]);
  await one.close();
  await other.close();
});

it('refuses when the time is over, and says how long it has waited', async () => {
  const [one, other] = await hostInUse();
  await expect(one.destroy(NAME, { wait: 0.3 })).rejects.toMatchObject({
    code: 'in-use',
    message: `Unable to destroy '${NAME}': device in use by domain 'vm1', after waiting 0.3 s`,
  });
  expect((await other.group('g')).open).toBe(true);
  await one.close();
  await other.close();
});

it.each([-1, Number.NaN])('refuses to wait %s', async (wait) => {
  const [one, other] = await hostInUse();
  await expect(one.destroy(NAME, { wait })).rejects.toMatchObject({ code: 'request-invalid' });
  await one.close();
  await other.close();
});

it.each([undefined, 0])('does not wait with wait %s', async (wait) => {
  const [one, other] = await hostInUse();
  await expect(one.destroy(NAME, { wait })).rejects.toMatchObject({
    code: 'in-use',
    message: `Unable to destroy '${NAME}': device in use by domain 'vm1'`,
  });
  await one.close();
  await other.close();
});

it('says at once what is not there to wait for', async () => {
  const [one, other] = await hostInUse();
  await expect(one.destroy('nope', { wait: 60 })).rejects.toMatchObject({ code: 'device-unknown' });
  await one.close();
  await other.close();
});
