import type { CardDevice, CardType } from '../../drivers/driver.ts';
import { type Hypothesis, hypotheses } from '../../drivers/hypotheses.ts';
import { boundedBy } from '../../drivers/room-on-card.ts';
import type { CardInfo, CardParent } from '../card-info.ts';
import { groupBy } from '../../group-by.ts';
import { withCounts } from './card-changes.ts';
import { boundByKernel, boundBySettings } from '../wording/forecast-messages.ts';

/** The predicted number of available instances of a type, and how certain it is. */
export interface Outlook {
  readonly available: number;
  /** `upper-bound`: there may be fewer; `reason` says why. */
  readonly confidence: 'exact' | 'upper-bound';
  readonly reason?: string | undefined;
}

/** A card as it will be when more devices are created on it. The host is not changed. */
export class Forecast {
  readonly info: CardInfo;
  #hypotheses: readonly Hypothesis[];
  readonly #created = new Map<string, number>();
  readonly #devices: CardDevice[] = [];
  readonly #isChanged: boolean;

  /** @param isChanged whether `info` is itself predicted: its counts are not those that the kernel shows */
  constructor(info: CardInfo, isChanged = false) {
    this.info = info;
    this.#isChanged = isChanged;
    this.#hypotheses = hypotheses(info);
  }

  /** The first set of rules that agrees with the kernel's counts; undefined where no rules are known. */
  get rules(): Hypothesis | undefined {
    return this.#hypotheses[0];
  }

  /** {@link outlook}'s count. */
  available(parent: CardParent, type: CardType): number {
    return this.#hypotheses.length === 0
      ? this.#bound(parent, type).available
      : Math.max(...this.#counts(parent, type));
  }

  outlook(parent: CardParent, type: CardType): Outlook {
    const [first] = this.#hypotheses;
    if (first === undefined) return this.#bound(parent, type);
    const counts = this.#counts(parent, type);
    const available = Math.max(...counts);
    if (counts.some((count) => count !== available)) {
      return { available, confidence: 'upper-bound', reason: boundBySettings(first.driver.name) };
    }
    const { confidence, rule } = first.driver.explain(first.card, parent.address, type);
    return confidence === 'exact'
      ? { available, confidence }
      : { available, confidence, reason: rule };
  }

  /** Adds one device of this type. The caller has checked that there is room. */
  create(parent: CardParent, type: CardType): void {
    const key = `${parent.address}\n${type.id}`;
    this.#created.set(key, (this.#created.get(key) ?? 0) + 1);
    const uuid = `planned-${this.#devices.length}`;
    const device = { uuid, parent: parent.address, type: type.id };
    this.#devices.push(device);
    this.#hypotheses = this.#hypotheses.map(({ driver, card }) => ({
      driver,
      card: { ...card, devices: [...card.devices, device] },
    }));
  }

  /** The card with the created devices. */
  get after(): CardInfo {
    const { card, parents } = this.info;
    const after = { card: { ...card, devices: [...card.devices, ...this.#devices] }, parents };
    const byAddress = new Map(parents.map((parent) => [parent.address, parent]));
    return withCounts(after, (address, type) => {
      const parent = byAddress.get(address);
      return parent === undefined ? 0 : this.available(parent, type);
    });
  }

  /** The parents in sets: those of a set have equal counts now and, where rules are known, equal devices afterwards. */
  alike(): Iterable<readonly CardParent[]> {
    const [rules] = this.#hypotheses;
    const contents = groupBy(rules?.card.devices ?? [], (device) => device.parent);
    return groupBy(this.info.parents, ({ address, types }) => {
      if (rules === undefined) return address;
      const held = (contents.get(address) ?? []).map(({ type }) => type).toSorted();
      return [...held, '', ...types.map((type) => type.availableInstances)].join('/');
    }).values();
  }

  #counts(parent: CardParent, type: CardType): readonly number[] {
    return this.#hypotheses.map(({ driver, card }) => driver.available(card, parent.address, type));
  }

  /** Where no rules are known: a device takes at least one instance of its own type, and never adds any. */
  #bound(parent: CardParent, type: CardType): Outlook {
    const shown = parent.types.find(({ id }) => id === type.id)?.availableInstances ?? 0;
    const created = this.#created.get(`${parent.address}\n${type.id}`) ?? 0;
    const isShown = this.#created.size === 0 && !this.#isChanged;
    const left = Math.max(0, shown - created);
    if (isShown || left === 0) return { available: left, confidence: 'exact' };
    const { card } = this.info;
    const devices = [...card.devices, ...this.#devices];
    const available = boundedBy({ ...card, devices }, type, left);
    if (available === 0) return { available, confidence: 'exact' };
    return { available, confidence: 'upper-bound', reason: boundByKernel };
  }
}
