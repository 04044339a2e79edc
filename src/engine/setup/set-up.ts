import { setTimeout as sleep } from 'node:timers/promises';
import type { CardSetup, SetupState, SetupStep, WantedSetup } from '../../drivers/card-setup.ts';
import { groupBy } from '../../group-by.ts';
import type { Host, SetupCard } from '../../host/host.ts';
import { throwIfAborted } from '../aborted.ts';
import type { Context } from '../context.ts';
import { deviceName } from '../devices/inventory.ts';
import type { SetupIntent } from '../journal/journal.ts';
import type { Steps } from '../journal/steps.ts';
import { setupInUse, setupRefused, setupTimeout, setupUnknown } from '../wording/setup-messages.ts';
import { answerOf, cardName, readSetup } from './setup-state.ts';

/** A change of how a card is set up. */
export interface SetupOperation {
  readonly action: 'set-up';
  /** sysfs name of the card's physical function. */
  readonly card: string;
  readonly step: SetupStep;
  /** What it does, in words. */
  readonly words: string;
  /** The command line of the program that does it. */
  readonly runs: string;
  /** What must be so, in words. */
  readonly needs?: string | undefined;
}

/** A program that cannot have the card is tried so often, with a pause. */
const TRIES = 5;
const PAUSE_MS = 1000;
/** Seconds that functions may take to appear after the program has ended. */
const APPEAR_SECONDS = 60;
const STEP_MS = 50;

/**
 * Sets cards up, as steps of a transaction. After each step the card is looked at, whatever its program said. The undo sets a
 * card up as it was before the first of them.
 *
 * @throws NodedevError `setup-refused`, `in-use`, `host-timeout`, `aborted`
 */
export async function setUpCards(
  { host, signal }: Context,
  steps: Steps,
  operations: readonly SetupOperation[],
): Promise<void> {
  const ordered = [...groupBy(operations, ({ card }) => card)].flatMap(([address, own]) => {
    const before = stateNow(host, requireCard(host, address).card);
    return own.map((operation, index) => ({
      ...operation,
      before: index === 0 ? before : undefined,
    }));
  });
  steps.intend(
    ordered.map(({ card, step, before }): SetupIntent => ({ do: 'set-up', card, step, before })),
  );
  for (const { card, step, before } of ordered) {
    const { setup } = requireCard(host, card);
    await steps.runLong(
      `set up ${cardName(card)}: ${setup.words(step)}`,
      () => makeStep(host, card, step, signal),
      () => before !== undefined && restoreSetup(host, card, before),
    );
  }
}

/**
 * Sets a card up as it was.
 *
 * @returns false: it is so already
 * @throws NodedevError as {@link setUpCards}
 */
export async function restoreSetup(
  host: Host,
  address: string,
  before: SetupState,
): Promise<boolean> {
  const { card, setup } = requireCard(host, address);
  const steps = setup.steps(stateNow(host, card), wantedOf(before));
  for (const step of steps) await makeStep(host, address, step);
  return steps.length > 0;
}

const wantedOf = ({ functions, mig, mixed, instances }: SetupState): WantedSetup => ({
  functions,
  mode: mig === true ? 'mig' : functions && mixed === true ? 'mixed' : 'equal',
  instances: functions && mig === true ? instances : undefined,
});

async function makeStep(
  host: Host,
  address: string,
  step: SetupStep,
  signal?: AbortSignal,
): Promise<void> {
  const { card, setup } = requireCard(host, address);
  const name = cardName(address);
  const devices = card.functions.flatMap((one) => {
    const parent = host.parent(one);
    return parent === undefined ? [] : host.devices(parent).items;
  });
  if (setup.needsNoDevice(step) && devices.length > 0) {
    throw setupInUse(name, devices.map(deviceName));
  }
  const wanted = setup.after(stateNow(host, card), step);
  for (let tries = TRIES; ; tries -= 1) {
    throwIfAborted(signal);
    const answer = answerOf(host, setup.command(address, step));
    if (isReached(host, address, step, wanted)) return;
    // Functions are bound to their driver one after the other; modes are set when the program ends.
    if (answer.status === 0 && step.do === 'functions') break;
    const refusal = setup.refusal(step, answer);
    if (!refusal.mayPass || tries === 1) throw setupRefused(name, setup.words(step), refusal);
    await sleep(PAUSE_MS);
  }
  const end = performance.now() + APPEAR_SECONDS * 1000;
  while (!isReached(host, address, step, wanted)) {
    throwIfAborted(signal);
    if (performance.now() > end) throw setupTimeout(name, setup.words(step), APPEAR_SECONDS);
    await sleep(STEP_MS);
  }
}

/** Whether the host shows what a step was to do. */
function isReached(host: Host, address: string, step: SetupStep, wanted: SetupState): boolean {
  const { card, setup } = requireCard(host, address);
  if (step.do === 'functions') {
    const isThere = (function_: string): boolean => host.parent(function_) !== undefined;
    return step.on ? card.isOn && card.functions.every(isThere) : !card.isOn;
  }
  const now = readSetup(host, card).state;
  if (now === undefined) return false;
  if (step.do !== 'instances') return now[step.do] === wanted[step.do];
  return setup.steps(now, wantedOf(wanted)).length === 0;
}

function stateNow(host: Host, card: SetupCard): SetupState {
  const { state, unknown } = readSetup(host, card);
  if (state !== undefined) return state;
  const next = "the programs are part of the vendor's vGPU manager";
  throw setupRefused(cardName(card.address), 'its modes', { says: unknown, next });
}

function requireCard(
  host: Host,
  address: string,
): { readonly card: SetupCard; readonly setup: CardSetup } {
  const card = host.setupCard(address);
  const setup = card?.driver.setup;
  if (card === undefined || setup === undefined) throw setupUnknown(cardName(address));
  return { card, setup };
}
