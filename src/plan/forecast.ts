import type { CardType } from '../drivers/driver.ts';
import type { CardInfo, CardParent } from '../engine/types.ts';
import { type Hypothesis, hypotheses } from './hypotheses.ts';
import { boundByKernel, boundBySettings } from './messages.ts';

/** How many of a type there will be, and how sure that is. */
export interface Outlook {
  readonly available: number;
  /** `upper-bound`: there may be fewer, for `reason`. */
  readonly confidence: 'exact' | 'upper-bound';
  readonly reason?: string | undefined;
}

/** A card as it will be: what is there, and what was created on it in thought. Never changes the host. */
export class Forecast {
  readonly info: CardInfo;
  #hypotheses: readonly Hypothesis[];
  readonly #created = new Map<string, number>();

  constructor(info: CardInfo) {
    this.info = info;
    this.#hypotheses = hypotheses(info);
  }

  /** What the first set of rules that fits says; undefined where no rules are known. */
  get rules(): Hypothesis | undefined {
    return this.#hypotheses[0];
  }

  outlook(parent: CardParent, type: CardType): Outlook {
    const [first] = this.#hypotheses;
    if (first === undefined) return this.#bound(parent, type);
    const counts = this.#hypotheses.map(({ driver, card }) =>
      driver.available(card, parent.address, type),
    );
    const available = Math.max(...counts);
    if (counts.some((count) => count !== available)) {
      return { available, confidence: 'upper-bound', reason: boundBySettings(first.driver.name) };
    }
    const { confidence, rule } = first.driver.explain(first.card, parent.address, type);
    return confidence === 'exact'
      ? { available, confidence }
      : { available, confidence, reason: rule };
  }

  /** One more device of this type. Whether there is room is the caller's to ask. */
  create(parent: CardParent, type: CardType): void {
    const key = `${parent.address}\n${type.id}`;
    this.#created.set(key, (this.#created.get(key) ?? 0) + 1);
    this.#hypotheses = this.#hypotheses.map(({ driver, card }) => {
      const device = {
        uuid: `planned-${card.devices.length}`,
        parent: parent.address,
        type: type.id,
      };
      return { driver, card: { ...card, devices: [...card.devices, device] } };
    });
  }

  /** Without rules: a device more never means more room, and takes at least its own. */
  #bound(parent: CardParent, type: CardType): Outlook {
    const shown = parent.types.find(({ id }) => id === type.id)?.availableInstances ?? 0;
    const created = this.#created.get(`${parent.address}\n${type.id}`) ?? 0;
    const available = Math.max(0, shown - created);
    if (this.#created.size === 0 || available === 0) return { available, confidence: 'exact' };
    return { available, confidence: 'upper-bound', reason: boundByKernel };
  }
}
