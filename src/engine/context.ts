import type { Issue } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { DefinitionStore } from './definitions/definitions.ts';
import type { Journal } from './journal/journal.ts';
import type { Store } from './store/store.ts';

/** What every operation of the engine works on; the uuid source and the clock are injected for tests. */
export interface Context {
  readonly host: Host;
  readonly store: Store;
  readonly journal: Journal;
  readonly definitions: DefinitionStore;
  /** A new random uuid, lower case, hyphenated. */
  readonly newUuid: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Ends the waiting of the one call this is the context of. */
  readonly signal?: AbortSignal | undefined;
  /** Takes what stands in nobody's way but has to be told, for instance what a script of mdevctl's said. */
  readonly report: (issue: Issue) => void;
}
