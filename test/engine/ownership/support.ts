import { onTestFinished } from 'vitest';
import { type ConnectOptions, connect } from '../../../src/index.ts';
import type { NodeDeviceManager } from '../../../src/engine/node-device-manager.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { writeFiles } from '../../support/file-tree.ts';
import { present, sampleHost, uuidOf } from '../doctor/hosts.ts';

export { present, uuidOf } from '../doctor/hosts.ts';

export const GPU = 'pci_0000_86_00_0';

/** A simulated Tesla M60 in a folder of its own, and what others than the engine do to it. */
export interface TestHost {
  readonly folder: string;
  readonly host: SimulatedHost;
  readonly manager: NodeDeviceManager;
  /** Makes a device behind the engine's back, as mdevctl does. */
  readonly createForeign: (uuid: string) => void;
  /** libvirt's file of a domain with these devices. */
  readonly writeDomain: (
    state: 'running' | 'defined',
    name: string,
    uuids: readonly string[],
  ) => void;
}

export async function testHost(options?: ConnectOptions): Promise<TestHost> {
  const { folder, host } = sampleHost('nvidia-m60');
  const manager = await connect(`sim://${folder}`, options);
  onTestFinished(() => manager.close());
  return {
    folder,
    host,
    manager,
    createForeign: (uuid) => host.create(present(host.parent('0000:86:00.0')), 'nvidia-18', uuid),
    writeDomain: (state, name, uuids) => {
      const text = domainXml(name, uuids);
      writeFiles(
        folder,
        state === 'running'
          ? {
              [`run/libvirt/qemu/${name}.xml`]: `<domstatus state='running' pid='1'>${text}</domstatus>`,
            }
          : { [`etc/libvirt/qemu/${name}.xml`]: text },
      );
    },
  };
}

export function domainXml(name: string, uuids: readonly string[]): string {
  const hostdevs = uuids.map(
    (uuid) =>
      `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${uuid}'/></source></hostdev>`,
  );
  return `<domain type='kvm'><name>${name}</name><uuid>${domainUuid(name)}</uuid><devices>${hostdevs.join('')}</devices></domain>`;
}

/** Each name has its own. */
export const domainUuid = (name: string): string =>
  `9f3c1f6e-7f55-4a5e-9f57-${Buffer.from(name).toString('hex').padStart(12, '0').slice(-12)}`;

/** A device of a group. */
export const deviceXml = (uuid: string, group?: string): string =>
  `<device><parent>${GPU}</parent><capability type='mdev'><type id='nvidia-18'/><uuid>${uuid}</uuid>${
    group === undefined ? '' : `<group>${group}</group>`
  }</capability></device>`;

/** Active devices of a group, the first uuids of a test. */
export async function createGroup(
  manager: NodeDeviceManager,
  group: string,
  uuids: readonly string[] = [uuidOf(1), uuidOf(2)],
): Promise<void> {
  await manager.create(uuids.map((uuid) => deviceXml(uuid, group)));
}
