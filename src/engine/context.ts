import type { Host } from '../host/host.ts';
import type { ActiveStore } from './store.ts';

/** What every operation of the engine works on; the uuid source and the clock are injected for tests. */
export interface Context {
  readonly host: Host;
  readonly store: ActiveStore;
  /** A new random uuid, lower case, hyphenated. */
  readonly newUuid: () => string;
  /** Sleeps without giving up the process: the engine's changes are synchronous under the store's lock. */
  readonly sleep: (milliseconds: number) => void;
}
