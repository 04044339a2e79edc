import type { Card, CardDevice, CardType, Driver } from '../drivers/driver.ts';
import type { TypeRequest } from '../engine/devices/types-of-parent.ts';
import { describedType } from '../engine/devices/types-of-parent.ts';
import { matchingTypes } from '../drivers/matching-types.ts';
import type { HostType } from '../host/host.ts';

/** The devices of a parent by type, as text, in a normal form: `nvidia-17*1/nvidia-18*2`. */
export type Content = string;

/** One more device of a type: a step from one state of a card to another. */
export interface Move {
  readonly type: string;
  /** The content of the parent that takes it. */
  readonly before: Content;
  readonly after: Content;
  readonly next: CardState;
}

/** The devices on a card. Two cards of one kind that are in the same state can take the same devices. */
export interface CardState {
  readonly kind: CardKind;
  /** The contents of its parents, sorted, since it does not matter which parent has which. */
  readonly contents: readonly Content[];
  readonly devices: number;
  /** The sum of its devices' shares: from 0 to 1. */
  readonly load: number;
}

/**
 * Cards with the same driver, settings, types, number of parents and NUMA node. The driver's rules are asked once for
 * each state, so that placing thousands of devices on hundreds of cards is fast.
 */
export class CardKind {
  readonly driver: Pick<Driver, 'available' | 'share'>;
  readonly numaNode: number | undefined;
  readonly types: readonly HostType[];
  readonly #card: Card;
  readonly #states = new Map<string, CardState>();
  readonly #shares = new Map<string, number>();
  readonly #moves = new Map<CardState, Map<string, readonly Move[]>>();

  constructor(
    driver: Pick<Driver, 'available' | 'share'>,
    card: Card,
    types: readonly HostType[],
    numaNode: number | undefined,
  ) {
    this.driver = driver;
    this.types = types;
    this.numaNode = numaNode;
    this.#card = { ...card, devices: [] };
  }

  /** The state of a card without devices. */
  get empty(): CardState {
    return this.state(this.#card.parents.map(() => ''));
  }

  /** The state of a card whose parents have these contents. */
  state(contents: readonly Content[]): CardState {
    const sorted = contents.toSorted();
    const key = sorted.join('\0');
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const held = sorted.flatMap(entriesOf);
    const state = {
      kind: this,
      contents: sorted,
      devices: held.reduce((sum, [, count]) => sum + count, 0),
      load: held.reduce((sum, [type, count]) => sum + count * this.share(type), 0),
    };
    this.#states.set(key, state);
    return state;
  }

  /** All ways to add one device of a type. */
  moves(state: CardState, type: string): readonly Move[] {
    const known = this.#moves.get(state) ?? new Map<string, readonly Move[]>();
    this.#moves.set(state, known);
    const found = known.get(type) ?? this.#findMoves(state, type);
    known.set(type, found);
    return found;
  }

  /** Ids of the types that meet a request. */
  matchingTypes(type: TypeRequest): readonly string[] {
    return matchingTypes(this.types.map(describedType), type).map(({ id }) => id);
  }

  /** {@link Driver.share} */
  share(type: string): number {
    const found = this.#shares.get(type) ?? this.#findShare(type);
    this.#shares.set(type, found);
    return found;
  }

  #findShare(id: string): number {
    const type = this.#type(id);
    return type === undefined ? 1 : this.driver.share(this.#card, type);
  }

  #findMoves(state: CardState, id: string): readonly Move[] {
    const type = this.#type(id);
    if (type === undefined) return [];
    const { contents } = state;
    const card = {
      ...this.#card,
      devices: contents.flatMap((content, i) => this.#devices(content, i)),
    };
    return [...new Set(contents)].flatMap((before) => {
      const index = contents.indexOf(before);
      if (this.driver.available(card, this.#card.parents[index] ?? '', type) === 0) return [];
      const after = withOne(before, id);
      return [{ type: id, before, after, next: this.state(contents.with(index, after)) }];
    });
  }

  #type(id: string): CardType | undefined {
    return this.#card.types.find((type) => type.id === id);
  }

  #devices(content: Content, index: number): readonly CardDevice[] {
    const parent = this.#card.parents[index] ?? '';
    return entriesOf(content).flatMap(([type, count]) =>
      Array.from({ length: count }, (_, i) => ({ uuid: `${index}-${type}-${i}`, parent, type })),
    );
  }
}

/** The content of one parent. */
export function contentOf(devices: readonly CardDevice[], parent: string): Content {
  return devices
    .filter((device) => device.parent === parent)
    .reduce((content, { type }) => withOne(content, type), '');
}

/** The content without one device of a type. */
export function withoutOne(content: Content, type: string): Content {
  return textOf(entriesOf(content).map(([id, count]) => [id, id === type ? count - 1 : count]));
}

function withOne(content: Content, type: string): Content {
  const entries = entriesOf(content);
  return textOf(
    entries.some(([id]) => id === type)
      ? entries.map(([id, count]) => [id, id === type ? count + 1 : count])
      : [...entries, [type, 1]],
  );
}

type Entry = readonly [type: string, count: number];

/** Reads a content. A type's id is the name of a directory: it may have `,` and `*` in it, but no `/`. */
function entriesOf(content: Content): readonly Entry[] {
  return content === ''
    ? []
    : content.split('/').map((entry) => {
        const at = entry.lastIndexOf('*');
        return [entry.slice(0, at), Number(entry.slice(at + 1))] as const;
      });
}

function textOf(entries: readonly Entry[]): Content {
  return entries
    .filter(([, count]) => count > 0)
    .map(([id, count]) => `${id}*${count}`)
    .toSorted()
    .join('/');
}
