import type { HostEvent } from '../host.ts';

/** The parents and devices at one moment. */
export interface BusState {
  readonly parents: ReadonlySet<string>;
  /** By uuid. */
  readonly devices: ReadonlyMap<string, BusEntry>;
}

export interface BusEntry {
  readonly parent: string;
  /** The inode of the bus's link. Another inode means a new device of the same uuid. Undefined: it was not read. */
  readonly inode?: number | undefined;
}

type Subject = Pick<HostEvent, 'parent' | 'uuid'>;

/** So many milliseconds after a change its message has arrived; otherwise it was lost, or is not subscribed. */
const MESSAGE_LIMIT = 60_000;

/**
 * Reports each creation and removal once, whether a message or a look shows it first. Looks are allowed at any moment, even
 * while messages are on their way: when a look shows a change first, this is remembered, and its message, which is the
 * next one of that device, is skipped.
 */
export class BusTracker {
  readonly #listener: (event: HostEvent) => void;
  /** The reported parents and devices, with a device's inode if known. */
  readonly #known = new Map<string, Subject & Pick<BusEntry, 'inode'>>();
  /** Changes that were reported before their messages, by key. They alternate, so the first and their number suffice. */
  readonly #ahead = new Map<
    string,
    { readonly action: HostEvent['action']; readonly count: number; readonly since: number }
  >();

  constructor(start: BusState, listener: (event: HostEvent) => void) {
    this.#listener = listener;
    for (const subject of subjectsOf(start)) this.#known.set(keyOf(subject), subject);
  }

  /** Processes a message. */
  hear(event: HostEvent): void {
    const key = keyOf(event);
    const ahead = this.#ahead.get(key);
    this.#ahead.delete(key);
    // It is not the expected message, so the expected ones were lost.
    if (ahead?.action !== event.action) {
      this.#tell(event);
    } else if (ahead.count > 1) {
      this.#ahead.set(key, { ...ahead, action: opposite(event.action), count: ahead.count - 1 });
    }
  }

  /** Processes a look. `awaited`: messages about it may still come. */
  look(state: BusState, awaited: boolean): void {
    const time = Date.now();
    for (const [key, { since }] of this.#ahead) {
      if (!awaited || time - since > MESSAGE_LIMIT) this.#ahead.delete(key);
    }
    const show = (event: HostEvent): void => {
      if (!this.#tell(event) || !awaited) return;
      const key = keyOf(event);
      const { action, count } = this.#ahead.get(key) ?? { action: event.action, count: 0 };
      this.#ahead.set(key, { action, count: count + 1, since: time });
    };
    const now = new Map(subjectsOf(state).map((subject) => [keyOf(subject), subject]));
    for (const [key, { parent, uuid, inode }] of [...this.#known].toReversed()) {
      if (!isSame(inode, now.get(key))) show({ action: 'remove', parent, uuid, time });
    }
    for (const [key, subject] of now) {
      show({ action: 'add', parent: subject.parent, uuid: subject.uuid, time });
      this.#known.set(key, subject);
    }
  }

  /** Reports an event, unless it is known. Returns whether it was new. */
  #tell(event: HostEvent): boolean {
    const { action, parent, uuid } = event;
    const key = keyOf(event);
    if (this.#known.has(key) === (action === 'add')) return false;
    if (action === 'add') this.#known.set(key, { parent, uuid });
    else this.#known.delete(key);
    this.#listener(event);
    return true;
  }
}

function opposite(action: HostEvent['action']): HostEvent['action'] {
  return action === 'add' ? 'remove' : 'add';
}

/** All subjects, parents first: they are created before their devices. */
function subjectsOf({
  parents,
  devices,
}: BusState): readonly (Subject & Pick<BusEntry, 'inode'>)[] {
  return [
    ...[...parents].map((parent) => ({ parent })),
    ...[...devices].map(([uuid, entry]) => ({ ...entry, uuid })),
  ];
}

function keyOf({ parent, uuid }: Subject): string {
  return `${parent}/${uuid ?? ''}`;
}

function isSame(inode: number | undefined, now: Pick<BusEntry, 'inode'> | undefined): boolean {
  if (now === undefined) return false;
  return inode === undefined || now.inode === undefined || inode === now.inode;
}
