import {
  alreadyDefined,
  type DefinitionRef,
  type DefinitionStore,
  formatDefinition,
  memoryDefinitions,
  notDefined,
} from '../definitions/definitions.ts';
import type { ListResult } from '../listed-device.ts';

/** Definitions that only seem to be changed: what is written is in memory, and hides the real ones. */
export function rehearsedDefinitions(real: DefinitionStore): DefinitionStore {
  const own = memoryDefinitions();
  /** Real ones that seem to be gone, or to be others. */
  const hidden = new Set<string>();
  const isReal = (ref: DefinitionRef): boolean => !hidden.has(keyOf(ref));
  const all = <T extends DefinitionRef>(mine: ListResult<T>, theirs: ListResult<T>) => ({
    items: [...theirs.items.filter(isReal), ...mine.items].toSorted(byKey),
    problems: theirs.problems,
  });
  const fingerprint = (ref: DefinitionRef): string | undefined =>
    own.fingerprint(ref) ?? (isReal(ref) ? real.fingerprint(ref) : undefined);
  const restore = (ref: DefinitionRef, text: string): void => {
    if (fingerprint(ref) !== undefined) throw alreadyDefined(ref.parent, ref.uuid);
    own.restore(ref, text);
  };
  return {
    list: (isWanted) => all(own.list(isWanted), real.list(isWanted)),
    refs: () => all(own.refs(), real.refs()),
    find: (uuid) => [...real.find(uuid).filter(isReal), ...own.find(uuid)],
    read: (ref) => own.read(ref) ?? (isReal(ref) ? real.read(ref) : undefined),
    salvage: (ref) => own.salvage(ref) ?? (isReal(ref) ? real.salvage(ref) : undefined),
    fingerprint,
    define: (ref, definition) => {
      restore(ref, formatDefinition(definition));
    },
    restore,
    update(stored, text) {
      if (own.fingerprint(stored) !== undefined) own.undefine(stored);
      hidden.add(keyOf(stored));
      own.restore(stored, text);
    },
    undefine(ref) {
      if (own.fingerprint(ref) !== undefined) own.undefine(ref);
      else if (fingerprint(ref) === undefined) throw notDefined(ref.parent, ref.uuid);
      hidden.add(keyOf(ref));
    },
    keep(ref) {
      if (own.fingerprint(ref) !== undefined) return own.keep(ref);
      return () => {
        hidden.delete(keyOf(ref));
      };
    },
    sweep: () => undefined,
    watch: (listener, signal) => {
      real.watch(listener, signal);
    },
  };
}

const keyOf = ({ parent, uuid }: DefinitionRef): string => `${parent}/${uuid}`;

function byKey(one: DefinitionRef, other: DefinitionRef): number {
  return keyOf(one) < keyOf(other) ? -1 : 1;
}
