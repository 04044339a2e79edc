import { type Journal, memoryJournal } from '../journal/journal.ts';
import { changing, type KvWriter, type Part } from '../store/kv.ts';

/** A part of the store that only seems to be changed: what is kept is in memory. */
export function rehearsedPart<V>(part: Part<V>): Part<V> {
  let writer: KvWriter<V> | undefined;
  const look = (all: boolean): KvWriter<V> => {
    const read = writer === undefined || all ? part.read(all) : undefined;
    return (writer ??= changing(read ?? part.read(all)).writer);
  };
  return {
    read: look,
    prepare: (changes) => ({
      keep: () => {
        for (const [key, value] of changes) {
          if (value === undefined) look(true).delete(key);
          else look(true).put(key, value);
        }
      },
      undo: () => undefined,
    }),
    hiddenFile: () => part.hiddenFile(),
  };
}

/** A journal that is only read: what interrupted operations left half done seems to be put right, too. */
export function rehearsedJournal(real: Journal): Journal {
  const own = memoryJournal();
  let isRead = false;
  const read = (): Journal => {
    if (!isRead) for (const entry of real.entries()) own.write(entry);
    isRead = true;
    return own;
  };
  return {
    entries: () => read().entries(),
    write: (entry) => {
      read().write(entry);
    },
    mark: (id, what) => {
      read().mark(id, what);
    },
    remove: (id, options) => {
      read().remove(id, options);
    },
  };
}
