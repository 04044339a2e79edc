import { readFileSync } from 'node:fs';
import { hostErrorFrom } from '../../../src/host/errno.ts';
import { type HostDevice, HostError, type HostParent } from '../../../src/host/host.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import type { SysfsHost } from '../../../src/host/sysfs/host.ts';
import { groupNode, startVm, type Vm } from '../support/vm.ts';
import { type Operation, TYPES } from './operation.ts';

/** One of the two hosts that are asked the same. */
export interface Side {
  readonly host: SysfsHost | SimulatedHost;
  /** Has a program of its own open the device for the domain; throws a HostError when it cannot. */
  readonly open: (device: HostDevice, domain: string) => void;
  readonly close: (device: HostDevice, domain: string) => Promise<void>;
}

/** The simulated host, whose devices are opened by saying so. */
export function simulatedSide(host: SimulatedHost): Side {
  return {
    host,
    open: (device, domain) => void host.open([device], { domain }),
    close: async (device, domain) => void host.close({ domain }, [device]),
  };
}

/** The kernel, whose devices are opened by processes. */
export function kernelSide(host: SysfsHost): Side {
  const vms = new Map<string, Vm>();
  return {
    host,
    open({ ref: { uuid } }, domain) {
      try {
        vms.set(uuid, startVm(domain, uuid));
      } catch (error) {
        throw hostErrorFrom(error, groupNode(uuid));
      }
    },
    async close({ ref: { uuid } }) {
      const vm = vms.get(uuid);
      if (vm === undefined) throw new Error(`nobody holds ${uuid}`);
      await vm.stop();
      vms.delete(uuid);
    },
  };
}

/** What an operation came to: `done`, `absent` without a device to do it to, or the errno with what was refused. */
export async function outcomeOf(side: Side, operation: Operation): Promise<string> {
  try {
    return await perform(side, operation);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return [error.errno, error.path, JSON.stringify(error.written)].join(' ');
  }
}

async function perform({ host, open, close }: Side, operation: Operation): Promise<string> {
  if (operation.kind === 'create') {
    host.create(parentOf(host, operation.parent), operation.type, operation.words);
    return 'done';
  }
  const { uuid } = operation;
  const device = host.find(uuid);
  const [holder] = device === undefined ? [] : host.holders(device);
  switch (operation.kind) {
    case 'remove':
      host.remove(device ?? missing(host, uuid));
      return 'done';
    case 'write-remove':
      if (holder !== undefined) return `held by ${holder.domain}`;
      host.write(`${(device ?? missing(host, uuid)).path}/remove`, operation.words);
      return 'done';
    case 'set':
      host.setAttribute(device ?? missing(host, uuid), operation.attribute, operation.value);
      return 'done';
    case 'open':
      if (device === undefined) return 'absent';
      open(device, `vm-${uuid}`);
      return `open by ${host.holders(device)[0]?.domain}`;
    case 'close':
      if (device === undefined || holder === undefined) return 'absent';
      await close(device, `vm-${uuid}`);
      return `open by ${host.holders(device).length}`;
  }
}

function parentOf(host: Side['host'], address: string): HostParent {
  const parent = host.parent(address);
  if (parent === undefined) throw new Error(`no parent ${address}`);
  return parent;
}

/** A device that is not there, where one of this uuid would be. */
function missing(host: Side['host'], uuid: string): HostDevice {
  const { address, path } = parentOf(host, 'mtty');
  const ref = { framework: 'mdev', parent: address, uuid } as const;
  return { ref, type: 'mtty-1', path: `${path}/${uuid}` };
}

/** All `available_instances`, as their files say: read with nothing around it, because it is after each operation. */
export function countsOf({ host }: Side): readonly string[] {
  return TYPES.map(({ parent, type }) => {
    const folder = `${host.root}/sys/devices/virtual/${parent}/${parent}/mdev_supported_types/${type}`;
    return readFileSync(`${folder}/available_instances`, 'utf8');
  });
}

/** Closes and removes everything. */
export async function clear(side: Side): Promise<void> {
  for (const device of side.host.devices().items) {
    if (side.host.holders(device).length > 0) await side.close(device, `vm-${device.ref.uuid}`);
    side.host.remove(device);
  }
}
