import type { KvReader, KvWriter } from './kv.ts';
import type { ActiveEntry, PersistentEntry, SettledRecord } from './records.ts';

/** The key of the record in both parts of the store. */
export const SETTLED = 'settled';

/** Whether a part says that the operation of this journal entry is complete. */
export function isSettledIn(reader: KvReader<ActiveEntry | PersistentEntry>, id: string): boolean {
  const entry = reader.get(SETTLED);
  return entry?.kind === 'settled' && entry.id === id;
}

/** Notes in a part that the operation of this journal entry is complete. */
export function settleIn(writer: Pick<KvWriter<SettledRecord>, 'put'>, id: string): void {
  writer.put(SETTLED, { kind: 'settled', id });
}
