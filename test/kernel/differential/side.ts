import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { hostErrorFrom } from '../../../src/host/errno.ts';
import { type HostDevice, HostError } from '../../../src/host/host.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { plugIn, profileDevices, takeOut } from '../../../src/host/simulated/plug.ts';
import type { SysfsHost } from '../../../src/host/sysfs/host.ts';
import { groupNode, startVm, type Vm } from '../support/vm.ts';
import { MODULES, type Operation, TYPES } from './operation.ts';

/** One of the two hosts that are asked the same. */
export interface Side {
  readonly host: SysfsHost | SimulatedHost;
  /** Has a program of its own open the device for the domain; throws a HostError when it cannot. */
  readonly open: (device: HostDevice, domain: string) => Promise<void>;
  readonly close: (device: HostDevice, domain: string) => Promise<void>;
  /** Unloads or loads a driver's module; throws a HostError when that is refused. */
  readonly load: (kind: 'load' | 'unload', module: string) => void;
}

/** The simulated host, whose devices are opened by saying so. */
export function simulatedSide(host: SimulatedHost): Side {
  return {
    host,
    open: async (device, domain) => void host.open([device], { domain }),
    close: async (device, domain) => void host.close({ domain }, [device]),
    load: (kind, module) => {
      host.change((simulation) => {
        const device = profileDevices(simulation).find(
          ({ name }) => name === `${module}_${module}`,
        );
        if (device === undefined) throw new Error(`no ${module}`);
        if (kind === 'load') plugIn(simulation, device, 'device');
        else takeOut(simulation, device, 'device', 'refuse');
      });
    },
  };
}

/** The kernel, whose devices are opened by processes. */
export function kernelSide(host: SysfsHost): Side {
  const vms = new Map<string, Vm>();
  return {
    host,
    async open({ ref: { uuid } }, domain) {
      try {
        vms.set(uuid, await startVm(domain, uuid));
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
    load(kind, module) {
      const { status, stderr } = spawnSync(kind === 'load' ? 'modprobe' : 'rmmod', [module], {
        encoding: 'utf8',
      });
      if (status === 0) return;
      if (!stderr.includes('is in use')) throw new Error(`${kind} ${module}: ${stderr}`);
      throw new HostError('EBUSY', module);
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

async function perform({ host, open, close, load }: Side, operation: Operation): Promise<string> {
  if (operation.kind === 'create') {
    const parent = host.parent(operation.parent);
    if (parent === undefined) return 'absent';
    host.create(parent, operation.type, operation.words);
    return 'done';
  }
  if ('module' in operation) {
    const { kind, module } = operation;
    // The kernel's call succeeds where there is nothing to do.
    if ((host.parent(module) === undefined) !== (kind === 'load')) return 'so already';
    try {
      load(kind, module);
      return 'done';
    } catch (error) {
      if (error instanceof HostError) return `${kind} is refused: ${error.errno}`;
      throw error;
    }
  }
  const { uuid } = operation;
  const device = host.find(uuid);
  const [holder] = device === undefined ? [] : host.holders(device);
  switch (operation.kind) {
    case 'remove':
      host.remove(device ?? missing(uuid));
      return 'done';
    case 'write-remove':
      if (holder !== undefined) return `held by ${holder.domain}`;
      host.write(`${(device ?? missing(uuid)).path}/remove`, operation.words);
      return 'done';
    case 'set':
      host.setAttribute(device ?? missing(uuid), operation.attribute, operation.value);
      return 'done';
    case 'bind':
    case 'unbind': {
      if (holder !== undefined) return `held by ${holder.domain}`;
      const driver = operation.driver ?? device?.ref.parent ?? 'mtty';
      host.write(`/sys/bus/mdev/drivers/${driver}/${operation.kind}`, uuid);
      return 'done';
    }
    case 'open':
      if (device === undefined) return 'absent';
      // There is no file to open.
      if (host.details(device).driver === undefined) return 'unbound';
      await open(device, `vm-${uuid}`);
      return `open by ${host.holders(device)[0]?.domain}`;
    case 'close':
      if (device === undefined || holder === undefined) return 'absent';
      await close(device, `vm-${uuid}`);
      return `open by ${host.holders(device).length}`;
  }
}

/** A device that is not there, where one of this uuid would be. */
function missing(uuid: string): HostDevice {
  const ref = { framework: 'mdev', parent: 'mtty', uuid } as const;
  return { ref, type: 'mtty-1', path: `/sys/devices/virtual/mtty/mtty/${uuid}` };
}

/** All `available_instances`, as their files say: read with nothing around it, because it is after each operation. */
export function countsOf({ host }: Side): readonly string[] {
  return TYPES.map(({ parent, type }) => {
    const folder = `${host.root}/sys/devices/virtual/${parent}/${parent}/mdev_supported_types/${type}`;
    const file = `${folder}/available_instances`;
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  });
}

/** Closes and removes everything. */
export async function clear(side: Side): Promise<void> {
  for (const device of side.host.devices().items) {
    if (side.host.holders(device).length > 0) await side.close(device, `vm-${device.ref.uuid}`);
    side.host.remove(device);
  }
  for (const module of MODULES)
    if (side.host.parent(module) === undefined) side.load('load', module);
}
