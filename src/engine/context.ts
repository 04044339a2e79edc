import type { Issue } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { DefinitionStore } from './definitions/definitions.ts';
import type { Journal } from './journal/journal.ts';
import type { Store } from './store/store.ts';
import type { CallOptions } from './call-options.ts';

/** The host, the store and the settings of a connection. Tests give their own source of uuids and clock. */
export interface Context {
  readonly host: Host;
  readonly store: Store;
  readonly journal: Journal;
  readonly definitions: DefinitionStore;
  /** A new random uuid, lower case, hyphenated. */
  readonly newUuid: () => string;
  /** Milliseconds since this machine was started. */
  readonly now: () => number;
  /** Ends the waiting of the call that this context belongs to. */
  readonly signal?: AbortSignal | undefined;
  /** Receives warnings that stop nothing, such as the output of an mdevctl script. */
  readonly report: (issue: Issue) => void;
  /** Nothing is changed: mdevctl's scripts are not run. */
  readonly isRehearsal?: true | undefined;
  /** What a script of mdevctl says against a change is a warning. */
  readonly overruleScripts?: boolean | undefined;
  /** Called after each transaction that changed something. */
  readonly onChange?: (() => void) | undefined;
}

/** The context of one call. */
export function forCall(context: Context, { signal }: CallOptions = {}): Context {
  return signal === undefined ? context : { ...context, signal };
}
