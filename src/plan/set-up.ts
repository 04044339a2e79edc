import { describedTypes } from '../drivers/described-types.ts';
import type { CardSetup, SetupStep, WantedSetup } from '../drivers/card-setup.ts';
import type { Card, CardType } from '../drivers/driver.ts';
import type { HostState } from '../engine/devices/host-state.ts';
import { cardName, type CardSetupState } from '../engine/setup/setup-state.ts';
import type { SetupOperation } from '../engine/setup/set-up.ts';
import type { CardInfo } from '../engine/card-info.ts';
import {
  programMissing,
  setupInUse,
  setupRefused,
  setupUnknown,
} from '../engine/wording/setup-messages.ts';
import type { Location, NodedevError } from '../errors.ts';
import { mdevName } from '../nodedev/names.ts';

/** How a document wants a card to be set up before it has devices. */
export interface DesiredSetup {
  /** sysfs name of the card's physical function. */
  readonly address: string;
  readonly wanted: WantedSetup;
  readonly location?: Location | undefined;
  /** The document's file. */
  readonly source?: string | undefined;
}

/** What setting cards up comes to. */
export interface SetupPlan {
  readonly actions: readonly (SetupOperation & { readonly source?: string | undefined })[];
  /** The host's state as it will be then, for all that is planned after it. */
  readonly state: HostState;
  readonly refusals: readonly NodedevError[];
  /** Why nothing can be planned on a card, by its address. */
  readonly unknown: ReadonlyMap<string, string>;
  /** The cards that must have no device then. */
  readonly emptied: readonly DesiredSetup[];
}

/** The steps that set cards up as documents want them, and the host's state after them. */
export function planSetups(state: HostState, desired: readonly DesiredSetup[]): SetupPlan {
  const actions: SetupPlan['actions'][number][] = [];
  const refusals: NodedevError[] = [];
  const unknown = new Map<string, string>();
  const emptied: DesiredSetup[] = [];
  let cards = [...state.cards];
  for (const each of desired) {
    const card = state.setups.find(({ address }) => address === each.address);
    const setup = card?.driver.setup;
    if (card === undefined || setup === undefined) {
      refusals.push(setupUnknown(cardName(each.address), each.location));
      continue;
    }
    const steps = setup.steps(card.state, each.wanted);
    const isEmptied = steps.some((step) => setup.needsNoDevice(step));
    actions.push(...steps.map((step) => actionOf(card, setup, step, each)));
    const problem = problemOf(card, setup, steps, each);
    if (problem !== undefined) refusals.push(problem);
    if (steps.length === 0) continue;
    if (isEmptied) emptied.push(each);
    const before = cards.find(({ card: { parents } }) => isOf(card, parents));
    const next = steps.reduce((now, step) => setup.after(now, step), card.state);
    const info = next.functions
      ? cardAfter(card, setup.settings(next), before, isEmptied)
      : undefined;
    cards = cards.filter((other) => other !== before).concat(info ?? []);
    if (!next.functions) unknown.set(card.address, 'its virtual functions are off then');
    else if (info === undefined) unknown.set(card.address, whyUnknown(card));
  }
  const isSetUp = new Set(desired.map(({ address }) => address));
  const off = state.off.filter(({ address }) => !isSetUp.has(address));
  return { actions, state: { ...state, cards, off }, refusals, unknown, emptied };
}

/** A refusal for each card that must have no device and keeps some. */
export function keptDevices(
  state: HostState,
  emptied: readonly DesiredSetup[],
  destroyed: ReadonlySet<string>,
): readonly NodedevError[] {
  return emptied.flatMap(({ address, location }) => {
    const card = state.setups.find((each) => each.address === address);
    const kept = state.devices.filter(
      ({ active, parent, uuid }) =>
        active !== undefined && card?.functions.includes(parent) === true && !destroyed.has(uuid),
    );
    const names = kept.map(({ uuid, parent }) => mdevName(uuid, parent));
    return names.length === 0 ? [] : [setupInUse(cardName(address), names, location)];
  });
}

function actionOf(
  { address }: CardSetupState,
  setup: CardSetup,
  step: SetupStep,
  { source }: DesiredSetup,
): SetupPlan['actions'][number] {
  const { program, args } = setup.command(address, step);
  return {
    action: 'set-up',
    card: address,
    step,
    words: setup.words(step),
    runs: [program, ...args].join(' '),
    needs: setup.needsNoDevice(step) ? 'no vGPU on it' : undefined,
    source,
  };
}

/** Why the steps cannot be made here. */
function problemOf(
  card: CardSetupState,
  setup: CardSetup,
  steps: readonly SetupStep[],
  { wanted, location }: DesiredSetup,
): NodedevError | undefined {
  const refused = (what: string, says: string, next: string): NodedevError =>
    setupRefused(cardName(card.address), what, { says, next }, location);
  const missing = steps.find((step) =>
    card.missing.includes(setup.command(card.address, step).program),
  );
  if (missing !== undefined) {
    const { program } = setup.command(card.address, missing);
    return refused(setup.words(missing), programMissing(program), RUN_THEM);
  }
  // Without a mode nothing but the functions is to change, and those can be seen.
  if (card.unknown !== undefined && (wanted.mode !== undefined || steps.length > 0)) {
    return refused('its modes', card.unknown, RUN_THEM);
  }
  if (wanted.mode === 'mig' && card.unknown === undefined && card.state.mig === undefined) {
    return refused('MIG mode', 'the board has no such mode', "take mode 'equal' or 'mixed'");
  }
  return undefined;
}

const RUN_THEM =
  "the programs are part of the vendor's vGPU manager: install it, or make these steps by hand in their order";

const isOf = ({ functions }: CardSetupState, parents: readonly string[]): boolean =>
  parents.some((parent) => functions.includes(parent));

/** The card with its functions on. Undefined: which functions or types it has is not known. */
function cardAfter(
  card: CardSetupState,
  settings: Card['settings'],
  before: CardInfo | undefined,
  isEmptied: boolean,
): CardInfo | undefined {
  const { driver, functions, numaNode, product, address: physicalFunction } = card;
  const types = before?.card.types ?? typesOf(card);
  if (functions.length === 0 || types.length === 0) return undefined;
  const after: Card = {
    parents: functions,
    types,
    devices: isEmptied ? [] : (before?.card.devices ?? []),
    // Types may also be mediated ones, of functions on a kernel before 6.8.
    ...(before === undefined || before.card.isFunctions === true ? { isFunctions: true } : {}),
    settings,
  };
  return {
    card: after,
    parents: functions.map((address) => ({
      name: cardName(address),
      address,
      numaNode,
      product,
      physicalFunction,
      types: types.map((type) => ({
        ...type,
        availableInstances: driver.available(after, address, type),
      })),
    })),
  };
}

/** The types of a board whose functions are off, as far as tables know them. */
function typesOf({ driver, device }: CardSetupState): readonly CardType[] {
  const { functions } = driver;
  const types = (functions?.boardTypes(device) ?? []).map(({ number, name }) => ({
    id: functions?.idOf(number) ?? '',
    name,
    deviceApi: 'vfio-pci',
  }));
  return describedTypes(driver, types, new Map());
}

function whyUnknown({ functions, device }: CardSetupState): string {
  return functions.length === 0
    ? 'which functions it will have is not to be seen before they are on'
    : `the types of its board (${device}) are not known before its functions are on`;
}
