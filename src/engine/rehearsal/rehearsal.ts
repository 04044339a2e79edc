import type { Context } from '../context.ts';
import { Store } from '../store/store.ts';
import { rehearsedDefinitions } from './rehearsed-definitions.ts';
import { rehearsedHost } from './rehearsed-host.ts';
import { rehearsedJournal, rehearsedPart } from './rehearsed-records.ts';

/** The context of a connection that changes nothing: every call goes its usual way, on a host and records that only seem to change. */
export function rehearsal(
  { host, definitions, journal, ...context }: Context,
  parts: Pick<ConstructorParameters<typeof Store>[0], 'active' | 'persistent'>,
): Context {
  const store = new Store({
    active: rehearsedPart(parts.active),
    persistent: rehearsedPart(parts.persistent),
    bootId: () => host.bootId(),
  });
  return {
    ...context,
    host: rehearsedHost(host),
    definitions: rehearsedDefinitions(definitions),
    store,
    journal: rehearsedJournal(journal),
    isRehearsal: true,
  };
}
