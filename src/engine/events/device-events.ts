import type { EventOrigin, HostEvent } from '../../host/host.ts';
import type { Context } from '../context.ts';
import { nameOf, parentName } from '../devices/inventory.ts';
import { nodeInfo } from '../devices/list.ts';
import type { DeviceEvent, DeviceEvents, EventKind, EventOptions } from './device-event.ts';
import { type DefinitionChange, DefinitionChanges } from './definition-changes.ts';
import { EventQueue } from './event-queue.ts';
import { RecordChanges } from './record-changes.ts';

const ALL_KINDS: readonly EventKind[] = ['lifecycle', 'update'];

/**
 * The events of a host and its definitions, from this call until one of the signals is aborted or the reader ends the loop.
 *
 * @throws NodedevError `device-unknown`, `device-ambiguous`
 */
export async function openEvents(
  context: Context,
  { device, kinds = ALL_KINDS, signal }: EventOptions,
  closed: AbortSignal,
): Promise<DeviceEvents> {
  const { host, store, now } = context;
  const queue = new EventQueue<DeviceEvent>();
  const left = new AbortController();
  const over = AbortSignal.any([left.signal, closed, ...(signal === undefined ? [] : [signal])]);
  over.addEventListener('abort', () => queue.end(), { once: true });
  if (over.aborted) queue.end();
  const failed = (error: unknown): void => {
    queue.end(error instanceof Error ? error : new Error(String(error)));
    left.abort();
  };

  const only =
    device === undefined
      ? undefined
      : (await store.read((view) => nodeInfo(context, view, device))).name;
  const tell = (event: DeviceEvent): void => {
    if (kinds.includes(event.kind) && (only === undefined || only === event.name)) {
      queue.push(event);
    }
  };

  const records = new RecordChanges(store, (record) => {
    tell({ kind: 'update', name: nameOf(record), uuid: record.uuid, time: now() });
  });
  const parents = new Map(host.parents().items.map((each) => [each.address, parentName(each)]));
  const watch = host.watch((event) => {
    const { action, parent, uuid, time } = event;
    if (uuid !== undefined && action === 'remove') records.removed(uuid);
    const name = uuid === undefined ? parentOf(event) : nameOf({ parent, uuid });
    if (name === undefined) return;
    tell({ kind: 'lifecycle', change: action === 'add' ? 'created' : 'deleted', name, uuid, time });
  }, over);
  const definitions = new DefinitionChanges(context.definitions, (change) => {
    tell(definitionEvent(change, now()));
  });
  definitions.follow(failed, over);

  /** The node device name of an event's parent. A parent that is gone has no subsystem any more, so its name is remembered. */
  function parentOf({ action, parent: address }: HostEvent): string | undefined {
    const known = parents.get(address);
    if (action === 'remove') {
      parents.delete(address);
      return known;
    }
    const parent = host.parent(address);
    if (parent === undefined || known !== undefined) return undefined;
    parents.set(address, parentName(parent));
    return parents.get(address);
  }

  try {
    if (kinds.includes('update')) {
      await records.begin();
      records.follow(failed, over);
    }
    await watch.ready;
  } catch (error) {
    left.abort();
    throw error;
  }
  return {
    get source(): EventOrigin {
      return watch.source;
    },
    [Symbol.asyncIterator]: () => ({
      next: () => queue.next(),
      return: () => {
        left.abort();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}

function definitionEvent({ ref, change }: DefinitionChange, time: number): DeviceEvent {
  const subject = { name: nameOf(ref), uuid: ref.uuid, time };
  return change === 'updated'
    ? { kind: 'update', ...subject }
    : { kind: 'lifecycle', change, ...subject };
}
