import { type Hypothesis, hypotheses } from '../drivers/hypotheses.ts';
import type { CardInfo } from '../engine/card-info.ts';
import {
  CardKind,
  type CardState,
  type Content,
  contentOf,
  type Move,
  withoutOne,
} from './card-kind.ts';
import { ruleless } from './ruleless.ts';

/** A card during a placement. Its content changes with every device that is put on it or taken from it. */
export class Site {
  readonly info: CardInfo;
  readonly kind: CardKind;
  /** The rules that agree with the kernel's counts: none, one or several. */
  readonly rules: readonly Hypothesis[];
  /** The state at the start of the placement. */
  readonly initial: CardState;
  state: CardState;
  readonly #contents: Content[];

  constructor(info: CardInfo, kind: CardKind, rules: readonly Hypothesis[]) {
    this.info = info;
    this.rules = rules;
    this.kind = kind;
    this.#contents = info.parents.map(({ address }) => contentOf(info.card.devices, address));
    this.initial = kind.state(this.#contents);
    this.state = this.initial;
  }

  content(parent: number): Content {
    return this.#contents[parent] ?? '';
  }

  /** The first parent with this content that is not excluded. */
  parentWith(content: Content, excluded: ReadonlySet<number> = NONE): number | undefined {
    const found = this.#contents.findIndex(
      (held, index) => held === content && !excluded.has(index),
    );
    return found < 0 ? undefined : found;
  }

  put(parent: number, move: Move): void {
    this.#contents[parent] = move.after;
    this.state = move.next;
  }

  take(parent: number, type: string): void {
    this.#contents[parent] = withoutOne(this.content(parent), type);
    this.state = this.kind.state(this.#contents);
  }
}

const NONE: ReadonlySet<number> = new Set();

/** The sites of a host's cards. Cards of one kind share their {@link CardKind}, those of several hosts too with the same `kinds`. */
export function sitesOf(
  cards: readonly CardInfo[],
  kinds = new Map<string, CardKind>(),
): readonly Site[] {
  return cards.map((info) => {
    const rules = hypotheses(info);
    const [first] = rules;
    const types = info.parents[0]?.types ?? [];
    const numaNode = info.parents[0]?.numaNode;
    if (first === undefined) {
      return new Site(info, new CardKind(ruleless(info), info.card, types, numaNode), rules);
    }
    const { driver, card } = first;
    const key = JSON.stringify([
      driver.name,
      card.settings,
      card.types,
      card.parents.length,
      numaNode,
    ]);
    const kind = kinds.get(key) ?? new CardKind(driver, card, types, numaNode);
    kinds.set(key, kind);
    const parents = info.parents.filter(({ address }) => card.parents.includes(address));
    return new Site({ ...info, parents }, kind, rules);
  });
}
