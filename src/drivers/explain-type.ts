import type { CardDevice, CardType, Driver } from './driver.ts';
import type { Hypothesis, ShownCard } from './hypotheses.ts';
import { driverForType } from './registry.ts';

/** Why a type has a certain number of available instances on a parent. Every command that says why says this. */
export interface TypeReason {
  /** How many instances an empty card has; undefined where no rules explain what the kernel shows. */
  readonly maximum?: number | undefined;
  readonly confidence: 'exact' | 'upper-bound';
  /** The rule that decides, in one sentence, or that none explains it and where to look. */
  readonly rule: string;
  /** The devices that take the room: without them there would be more instances. */
  readonly blockedBy: readonly CardDevice[];
}

/**
 * Why `type` has its available instances on a parent of a card.
 *
 * @param rules the card's nearest hypothesis, with the devices to count; undefined: no rules explain the card, as none explain a parent
 *   that it does not have
 * @param available the count to explain
 */
export function explainType(
  { card: shown }: ShownCard,
  rules: Hypothesis | undefined,
  parent: string,
  type: CardType,
  available: number,
): TypeReason {
  if (rules?.card.parents.includes(parent) !== true) {
    const rule = unexplained(driverForType(type.id), available, shown.devices.length === 0);
    return { confidence: 'exact', rule, blockedBy: [] };
  }
  const { driver, card } = rules;
  const { maximum, confidence, rule, blockedBy } = driver.explain(card, parent, type);
  const uuids = new Set(blockedBy);
  return {
    maximum,
    confidence,
    rule,
    blockedBy: card.devices.filter(({ uuid }) => uuids.has(uuid)),
  };
}

function unexplained(driver: Driver | undefined, available: number, isEmpty: boolean): string {
  const count = `${available === 1 ? '1 is' : `${available} are`} available`;
  if (driver === undefined)
    return `The kernel says that ${count}; the rules of its driver are not known.`;
  const although =
    isEmpty && available === 0 ? ', although no device of this host uses the card' : '';
  return `The kernel says that ${count}${although}, which the rules known of driver ${driver.name} do not explain. ${driver.unseen ?? 'The kernel log may say why: `dmesg | tail -n 20`.'}`;
}

/** Limits of the search for sets of devices: sets that are tried, devices in one of them, sets that are returned. */
const MOST_TRIALS = 2000;
const MOST_DEVICES = 3;
const MOST_SETS = 8;

/**
 * The smallest sets of devices, each of which makes room for one more of a type when it goes, at most 8. Devices in use
 * are only in them when the others do not make room. Empty: destroying devices does not help.
 */
export function roomMakers(
  { driver, card }: Hypothesis,
  parent: string,
  type: CardType,
  blockers: readonly CardDevice[],
): readonly (readonly CardDevice[])[] {
  const wanted = driver.available(card, parent, type) + 1;
  const helps = (gone: readonly CardDevice[]): boolean => {
    const devices = card.devices.filter((device) => !gone.includes(device));
    return driver.available({ ...card, devices }, parent, type) >= wanted;
  };
  const unused = blockers.filter(({ holder }) => holder === undefined);
  const candidates = helps(unused) ? unused : blockers;
  if (candidates.length === 0 || !helps(candidates)) return [];
  let trials = 0;
  for (let size = 1; size <= MOST_DEVICES; size++) {
    const found: (readonly CardDevice[])[] = [];
    for (const set of setsOf(candidates, size)) {
      if ((trials += 1) > MOST_TRIALS || found.length === MOST_SETS) break;
      if (helps(set)) found.push(set);
    }
    if (found.length > 0) return found;
  }
  return [withoutNeedless(candidates, helps)];
}

/** All sets of so many devices. */
function* setsOf(
  devices: readonly CardDevice[],
  size: number,
  from = 0,
): Generator<readonly CardDevice[]> {
  if (size === 0) yield [];
  else {
    for (let index = from; index <= devices.length - size; index++) {
      for (const rest of setsOf(devices, size - 1, index + 1)) {
        yield [...devices.slice(index, index + 1), ...rest];
      }
    }
  }
}

/** Puts each device back if the room stays: first the devices in use. Nothing in the result can be left out. */
function withoutNeedless(
  devices: readonly CardDevice[],
  helps: (gone: readonly CardDevice[]) => boolean,
): readonly CardDevice[] {
  return devices
    .toSorted((one, other) => Number(other.holder !== undefined) - Number(one.holder !== undefined))
    .reduce<readonly CardDevice[]>((gone, device) => {
      const without = gone.filter((other) => other !== device);
      return helps(without) ? without : gone;
    }, devices);
}
