import type { HostEvent } from '../host.ts';

/** What is there at one moment. */
export interface BusState {
  readonly parents: ReadonlySet<string>;
  /** By uuid. */
  readonly devices: ReadonlyMap<string, BusEntry>;
}

export interface BusEntry {
  readonly parent: string;
  /** Of the bus's link: another one means another device of the same uuid. Undefined: nobody asked. */
  readonly inode?: number | undefined;
}

type Subject = Pick<HostEvent, 'parent' | 'uuid'>;

/** No message comes later than this, in milliseconds: one that has not was lost, or is not asked for. */
const MESSAGE_LIMIT = 60_000;

/**
 * Knows what a listener has been told, and so tells of every coming and going once, whether a message says it or a
 * look shows it. Looking is right at any moment, also while messages are on their way: what a look shows first is
 * remembered, and the message of it, which comes before all others of that device, is passed over.
 */
export class BusTracker {
  readonly #listener: (event: HostEvent) => void;
  /** Parents and devices, with the device's inode where it is known. */
  readonly #known = new Map<string, Subject & Pick<BusEntry, 'inode'>>();
  /** By key: messages that were told before they came. They alternate, so the first and their number say all. */
  readonly #ahead = new Map<
    string,
    { readonly action: HostEvent['action']; readonly count: number; readonly since: number }
  >();

  constructor(start: BusState, listener: (event: HostEvent) => void) {
    this.#listener = listener;
    for (const subject of subjectsOf(start)) this.#known.set(keyOf(subject), subject);
  }

  /** Takes a message. */
  hear(event: HostEvent): void {
    const key = keyOf(event);
    const ahead = this.#ahead.get(key);
    this.#ahead.delete(key);
    // Another action than expected: what was told ahead has lost its messages.
    if (ahead?.action !== event.action) {
      this.#tell(event);
    } else if (ahead.count > 1) {
      this.#ahead.set(key, { ...ahead, action: opposite(event.action), count: ahead.count - 1 });
    }
  }

  /** Takes what is there now; `awaited`: messages of it may still come. */
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

  /** Whether it was news. */
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

/** Parents first: they come before their devices, and go after them. */
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
