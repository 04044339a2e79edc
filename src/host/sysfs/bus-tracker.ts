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

/**
 * Knows what a listener has been told, and so tells of every coming and going once, whether a message says it or a
 * look shows it. Looking is right at any moment, also while messages are on their way: a look shows at most one
 * change of a device under a parent, which is the first of those the messages will tell of, and is known by then.
 */
export class BusTracker {
  readonly #listener: (event: HostEvent) => void;
  /** Parents and devices, with the device's inode where it is known. */
  readonly #known = new Map<string, Subject & Pick<BusEntry, 'inode'>>();

  constructor(start: BusState, listener: (event: HostEvent) => void) {
    this.#listener = listener;
    for (const subject of subjectsOf(start)) this.#known.set(keyOf(subject), subject);
  }

  hear(event: HostEvent): void {
    const { action, parent, uuid } = event;
    const key = keyOf(event);
    if (this.#known.has(key) === (action === 'add')) return;
    if (action === 'add') this.#known.set(key, { parent, uuid });
    else this.#known.delete(key);
    this.#listener(event);
  }

  look(state: BusState): void {
    const time = Date.now();
    const now = new Map(subjectsOf(state).map((subject) => [keyOf(subject), subject]));
    for (const [key, { parent, uuid, inode }] of [...this.#known].toReversed()) {
      if (!isSame(inode, now.get(key))) this.hear({ action: 'remove', parent, uuid, time });
    }
    for (const [key, subject] of now) {
      this.hear({ action: 'add', parent: subject.parent, uuid: subject.uuid, time });
      this.#known.set(key, subject);
    }
  }
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
