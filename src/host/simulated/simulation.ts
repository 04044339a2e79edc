import type { ListedType } from '../../drivers/driver.ts';
import type { Tree } from '../tree.ts';
import type { ParentWithCard } from './cards.ts';
import { parentsByPath } from './cards.ts';
import type { ChangeGuard } from './guard.ts';
import type { Occupancy } from './occupancy.ts';
import type { SimulatedCard, SimulatedHardware } from './profile.ts';
import type { UeventSink } from './uevent-sinks.ts';

/** The types that the host's files list for a card. */
export type ListedOf = (card: SimulatedCard) => ReadonlyMap<string, ListedType>;

/** The parts of a simulated host. All its state is in the tree; for a host in memory, the occupancy has it, too. */
export class Simulation {
  readonly tree: Tree;
  readonly guard: ChangeGuard;
  readonly occupancy: Occupancy;
  readonly uevents: UeventSink;
  readonly #read: (listed: ListedOf) => SimulatedHardware;
  #hardware: SimulatedHardware | undefined;
  #listed: ListedOf = () => new Map();
  #parents: ReadonlyMap<string, ParentWithCard> | undefined;

  /** `hardware` is called when it is first needed. Reading devices does not need it. */
  constructor(
    tree: Tree,
    hardware: (listed: ListedOf) => SimulatedHardware,
    guard: ChangeGuard,
    occupancy: Occupancy,
    uevents: UeventSink,
  ) {
    this.tree = tree;
    this.#read = hardware;
    this.guard = guard;
    this.occupancy = occupancy;
    this.uevents = uevents;
  }

  /** Read once: what a host may have of hardware does not change, only its drivers do. */
  get hardware(): SimulatedHardware {
    this.#hardware ??= this.#read(this.#listed);
    return this.#hardware;
  }

  /** Reads the hardware anew: a driver of another module has come. */
  reread(): void {
    this.#hardware = undefined;
    this.#parents = undefined;
  }

  /** The types that the host's files list for a card, before the hardware is needed. */
  useListed(listed: ListedOf): void {
    this.#listed = listed;
  }

  /** The parent at this path with its card; undefined when there is none. */
  parentAt(path: string): ParentWithCard | undefined {
    this.#parents ??= parentsByPath(this.hardware);
    return this.#parents.get(path);
  }
}
