import type { Tree } from '../tree.ts';
import type { Place } from './cards.ts';
import { placesOf } from './cards.ts';
import type { ChangeGuard } from './lock.ts';
import type { HostProfile } from './profile.ts';
import type { UeventSink } from './uevent-sinks.ts';

/** What a simulated host is put together from. All its state is in the tree. */
export class Simulation {
  readonly tree: Tree;
  readonly guard: ChangeGuard;
  readonly uevents: UeventSink;
  readonly #read: () => HostProfile;
  #profile: HostProfile | undefined;
  #places: ReadonlyMap<string, Place> | undefined;

  /** `profile` is called when it is first needed: reading devices needs none. */
  constructor(tree: Tree, profile: () => HostProfile, guard: ChangeGuard, uevents: UeventSink) {
    this.tree = tree;
    this.#read = profile;
    this.guard = guard;
    this.uevents = uevents;
  }

  /** A host's hardware does not change, so it is read once. */
  get profile(): HostProfile {
    this.#profile ??= this.#read();
    return this.#profile;
  }

  /** The parent at this path with its card; undefined when the profile has none there. */
  place(path: string): Place | undefined {
    this.#places ??= placesOf(this.profile);
    return this.#places.get(path);
  }
}
