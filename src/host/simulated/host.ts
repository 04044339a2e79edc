import { v4 as randomUuid } from 'uuid';
import type { ToolAnswer, ToolCommand } from '../../drivers/card-setup.ts';
import type { Card } from '../../drivers/driver.ts';
import { isNotLoaded } from '../../drivers/not-loaded.ts';
import {
  type AttachedSocket,
  type Holder,
  type Host,
  type HostDevice,
  HostError,
  type HostEvent,
  type HostParent,
  type HostType,
  type HostWatch,
  type Listing,
} from '../host.ts';
import { DiskTree } from '../disk-tree.ts';
import { SysfsBase } from '../sysfs/base.ts';
import { BOOT_ID, callOf, DEV_VFIO } from '../sysfs/paths.ts';
import { directoryName, link, pruneIfAny } from '../tree.ts';
import { countOf, updateCounts } from './cards.ts';
import { attachedAt, markAttached, unmarkAttached } from './attachments.ts';
import type { SimulatedCall } from './calls.ts';
import { clearFaults, meetFaults } from './faults.ts';
import { clearType } from './function-core.ts';
import { readLeaving } from './leaving-file.ts';
import { finishLeaving } from './leaving.ts';
import { answerWrite, removeDevice } from './mdev-core.ts';
import { type DeviceHolder, holderName, holderOf, openDevices, openMark } from './openings.ts';
import { DRIVER_CALLS, RESETTING } from './paths.ts';
import { tellPeerSets } from './peer-sets.ts';
import { answerTool, bootSetup, standsInFor } from './setup-core.ts';
import type { Simulation } from './simulation.ts';
import { unansweredFiles } from './unanswered.ts';
import { closeAll, modelOf, type OpenResult, openAll, tellTaken } from './vfio.ts';

/** What was opened or closed when the call only seemed to be made. */
const NOTHING: OpenResult = { devices: [], cards: [] };

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

  /** Whether drivers of its profile were not run: then it answers no change. */
  lacksDrivers(): boolean {
    return this.notLoaded().length > 0;
  }

  /** How its profile calls the drivers that were not run. */
  notLoaded(): readonly string[] {
    if (this.#simulation.modules === undefined) return [];
    const { cards } = this.#simulation.hardware;
    return [...new Set(cards.flatMap(({ driver }) => (isNotLoaded(driver) ? driver.name : [])))];
  }

  /** The name of its profile. */
  get profileName(): string {
    return this.#simulation.hardware.name;
  }

  override async prepare(): Promise<boolean> {
    const isThere = await super.prepare();
    this.#simulation.useListed(({ driver, parents: [first] }) =>
      this.listed.of(driver, first?.path ?? ''),
    );
    return isThere;
  }

  override types(parent: HostParent): Listing<HostType> {
    const types = super.types(parent);
    return { ...types, items: types.items.map((type) => this.#counted(parent, type)) };
  }

  override type(parent: HostParent, id: string): HostType | undefined {
    const type = super.type(parent, id);
    return type && this.#counted(parent, type);
  }

  /** While the tree is being changed its counts are not to be believed. */
  #counted(parent: HostParent, type: HostType): HostType {
    if (!this.#simulation.guard.isChanging()) return type;
    const card = this.#simulation.parentAt(parent.path)?.card;
    if (card === undefined) return type;
    const { occupancy } = this.#simulation;
    const availableInstances = countOf(card, occupancy.snapshot(card), parent.address, type);
    return { ...type, availableInstances };
  }

  /** Whether a change is going on, or was interrupted. */
  isChanging(): boolean {
    return (
      this.#simulation.guard.isChanging() ||
      this.tree.kind(RESETTING) !== undefined ||
      readLeaving(this.tree).some(({ waits }) => waits !== true)
    );
  }

  /** Repairs what an interrupted change left. Every change does this first. */
  repair(): void {
    this.#simulation.guard.ready();
    finishLeaving(this.#simulation);
    if (this.tree.kind(RESETTING) !== undefined) this.#finishReset();
    tellPeerSets(this.#simulation);
  }

  /** See {@link unansweredFiles}. */
  unanswered(most?: number): readonly string[] {
    return this.tree instanceof DiskTree ? unansweredFiles(this.tree, most) : [];
  }

  /** Empties those files, and returns them. */
  forgetUnanswered(): readonly string[] {
    const files = this.unanswered();
    for (const path of files) this.tree.replace(path, '');
    return files;
  }

  override write(path: string, words: string): void {
    this.repair();
    if (meetFaults(this.tree, this.#callOf(path, words), path, words)) return;
    answerWrite(this.#simulation, path, words);
  }

  hasTool(program: string): boolean {
    return standsInFor(this.#simulation, program);
  }

  runTool(command: ToolCommand): ToolAnswer {
    this.repair();
    return answerTool(this.#simulation, command);
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

  /** See {@link modelOf}. */
  model(device: HostDevice): ReturnType<typeof modelOf> {
    return modelOf(this.#simulation, device);
  }

  override attachedAt({ ref }: HostDevice): AttachedSocket | undefined {
    return attachedAt(this.tree, ref.uuid);
  }

  /** Notes that a device is served at a socket, or with undefined that it is not any more. */
  setAttached({ ref }: HostDevice, served: AttachedSocket | undefined): void {
    if (served === undefined) unmarkAttached(this.tree, ref.uuid);
    else markAttached(this.tree, ref.uuid, served);
  }

  /** See {@link openAll}. */
  open(devices: readonly HostDevice[], holder: DeviceHolder): OpenResult {
    this.repair();
    if (meetFaults(this.tree, 'open', DEV_VFIO)) return NOTHING;
    return openAll(this.#simulation, devices, holder);
  }

  /** See {@link closeAll}. Without `devices`, all devices of the domain are closed: the VM stops. */
  close(holder: DeviceHolder, devices?: readonly HostDevice[]): OpenResult {
    this.repair();
    if (meetFaults(this.tree, 'close', DEV_VFIO)) return NOTHING;
    const result = closeAll(this.#simulation, devices ?? this.#openBy(holderName(holder)), holder);
    try {
      finishLeaving(this.#simulation);
    } catch (error) {
      // They are closed. What waited for that stays noted, and whoever comes next goes on with it (`repair`).
      if (!(error instanceof HostError)) throw error;
    }
    return result;
  }

  /** Whether one of these devices, or its driver, still waits for a last close to leave. */
  isLeaving(paths: readonly string[]): boolean {
    return readLeaving(this.tree).some(({ path }) => paths.includes(path));
  }

  /** Makes a change of the hardware (plug.ts). */
  change<T>(make: (simulation: Simulation) => T): T {
    this.repair();
    return make(this.#simulation);
  }

  /**
   * Simulates a reboot: no devices, and another boot id. The profile's hardware stays. A reset that has removed a device
   * cannot be undone, so it is tried twice. If it fails, whoever comes next finishes it.
   */
  reset(): void {
    this.repair();
    const state = (): string => `${this.bootId()} ${this.devices().items.length}`;
    const before = state();
    try {
      this.tree.plant(RESETTING, link('reset'));
      this.#finishReset();
    } catch (error) {
      if (state() === before) {
        if (this.tree.kind(RESETTING) !== undefined) this.tree.prune(RESETTING);
        throw error;
      }
      this.repair();
    }
  }

  #callOf(path: string, words: string): SimulatedCall {
    const functions = this.#simulation.parentAt(directoryName(directoryName(path)))?.card.functions;
    if (functions !== undefined && path.endsWith(`/${functions.current}`)) {
      return Number(words) === 0 ? 'remove' : 'create';
    }
    return callOf(path);
  }

  #finishReset(): void {
    const { items, unreadable } = this.devices();
    const [error] = unreadable;
    if (error !== undefined) throw error;
    const open = openDevices(this.tree);
    for (const card of open.size === 0 ? [] : this.#simulation.hardware.cards) {
      for (const parent of card.parents) tellTaken(this.#simulation, { card, parent }, open);
    }
    for (const device of items) {
      const own = this.#simulation.parentAt(device.path);
      const files = own?.card.functions;
      if (own !== undefined && files !== undefined) clearType(this.#simulation, own, files);
      const parentWithCard = this.#simulation.parentAt(directoryName(device.path));
      if (parentWithCard !== undefined)
        removeDevice(this.#simulation, parentWithCard, device.ref.uuid);
    }
    for (const uuid of open.keys()) this.tree.prune(openMark(uuid));
    pruneIfAny(this.tree, DRIVER_CALLS);
    finishLeaving(this.#simulation);
    bootSetup(this.#simulation);
    this.forgetUnanswered();
    clearFaults(this.tree);
    this.#simulation.uevents.clear();
    if (this.kind === 'simulated') {
      // A driver that is loaded reads its files anew.
      for (const card of this.#simulation.hardware.cards) updateCounts(this.tree, card);
    }
    this.tree.replace(BOOT_ID, `${randomUuid()}\n`);
    this.tree.prune(RESETTING);
  }

  #openBy(name: string): readonly HostDevice[] {
    return [...openDevices(this.tree)].flatMap(([uuid, holder]) => {
      const device = holder === name ? this.find(uuid) : undefined;
      return device === undefined ? [] : [device];
    });
  }
}

/** Whether a host is simulated, on disk or in memory, so that devices can be opened on it. */
export function isSimulated(host: Host): host is SimulatedHost {
  return host instanceof SimulatedHost;
}
