import { v4 as randomUuid } from 'uuid';
import type { Card } from '../../drivers/driver.ts';
import type { Holder, Host, HostDevice, HostEvent, HostParent, HostWatch } from '../host.ts';
import { SysfsBase } from '../sysfs/base.ts';
import { BOOT_ID } from '../sysfs/paths.ts';
import { directoryName } from '../tree.ts';
import { answerWrite, removeDevice } from './mdev-core.ts';
import { type DeviceHolder, holderOf, markClosed, openDevices } from './openings.ts';
import type { Simulation } from './simulation.ts';
import { closeAll, type OpenResult, openAll } from './vfio.ts';

/**
 * A host with a simulated kernel: the same tree and the same reader as for a real host, but our own answers to writes.
 * {@link open} and {@link close} do what a VM does with its devices. Only one process at a time may change a host on disk,
 * while it holds the engine's lock.
 */
export class SimulatedHost extends SysfsBase implements Host {
  readonly kind: 'simulated' | 'memory';
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    super(simulation.tree);
    this.kind = simulation.tree.root === undefined ? 'memory' : 'simulated';
    this.#simulation = simulation;
  }

  /** The name of its profile. */
  get profileName(): string {
    return this.#simulation.hardware.name;
  }

  override write(path: string, words: string): void {
    this.#simulation.guard.ready();
    answerWrite(this.#simulation, path, words);
  }

  override card(parent: HostParent): Card {
    const parentWithCard = this.#simulation.parentAt(parent.path);
    if (parentWithCard === undefined) return super.card(parent);
    const holders = openDevices(this.tree);
    return this.#simulation.occupancy.snapshot(parentWithCard.card, (uuid) => holders.get(uuid));
  }

  override holders(device: HostDevice): readonly Holder[] {
    const holder = holderOf(this.tree, device.ref.uuid);
    return holder === undefined ? [] : [holder];
  }

  watch(listener: (event: HostEvent) => void, signal: AbortSignal): HostWatch {
    this.#simulation.uevents.follow(listener, signal);
    return { source: this.kind === 'memory' ? 'memory' : 'log', ready: Promise.resolve() };
  }

  /** See {@link openAll}. */
  open(devices: readonly HostDevice[], holder: DeviceHolder): OpenResult {
    this.#simulation.guard.ready();
    return openAll(this.#simulation, devices, holder);
  }

  /** See {@link closeAll}. Without `devices`, all devices of the domain are closed: the VM stops. */
  close(holder: DeviceHolder, devices?: readonly HostDevice[]): OpenResult {
    this.#simulation.guard.ready();
    return closeAll(this.#simulation, devices ?? this.#openBy(holder.domain), holder);
  }

  /** Simulates a reboot: no devices, and another boot id. The profile's hardware stays. */
  reset(): void {
    this.#simulation.guard.ready();
    for (const uuid of openDevices(this.tree).keys()) markClosed(this.tree, uuid);
    for (const device of this.devices().items) {
      const parentWithCard = this.#simulation.parentAt(directoryName(device.path));
      if (parentWithCard !== undefined)
        removeDevice(this.#simulation, parentWithCard, device.ref.uuid);
    }
    this.#simulation.uevents.clear();
    this.tree.replace(BOOT_ID, `${randomUuid()}\n`);
  }

  #openBy(domain: string): readonly HostDevice[] {
    return [...openDevices(this.tree)].flatMap(([uuid, holder]) => {
      const device = holder === domain ? this.find(uuid) : undefined;
      return device === undefined ? [] : [device];
    });
  }
}

/** Whether a host is simulated, on disk or in memory, so that devices can be opened on it. */
export function isSimulated(host: Host): host is SimulatedHost {
  return host instanceof SimulatedHost;
}
