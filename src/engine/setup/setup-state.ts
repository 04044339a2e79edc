import type { SetupState, ToolAnswer, ToolCommand } from '../../drivers/card-setup.ts';
import type { Driver } from '../../drivers/driver.ts';
import { type Host, HostError, type SetupCard } from '../../host/host.ts';
import { nodeDeviceName } from '../../nodedev/names.ts';
import { programMissing } from '../wording/setup-messages.ts';

/** How a card is set up, for a plan. */
export interface CardSetupState {
  /** sysfs name of the physical function. */
  readonly address: string;
  readonly driver: Driver;
  /** The PCI device id in sysfs's form. */
  readonly device: string;
  readonly numaNode?: number | undefined;
  readonly product?: string | undefined;
  /** sysfs names of its virtual functions: those that are, or will be. Empty: it is not known which. */
  readonly functions: readonly string[];
  readonly state: SetupState;
  /** Why its modes are not known, as a sentence. */
  readonly unknown?: string | undefined;
  /** Programs that setting it up needs and that are not there. */
  readonly missing: readonly string[];
}

/** The modes of a card; without them, why they cannot be known. */
export type SetupReading =
  | { readonly state: SetupState; readonly unknown?: undefined }
  | { readonly state?: undefined; readonly unknown: string };

/** What a program answers; that it could not be run is an answer, too. */
export function answerOf(host: Host, command: ToolCommand): ToolAnswer {
  try {
    return host.runTool(command);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { status: undefined, output: error.message };
  }
}

/** Asks the vendor's programs for the modes of a card. */
export function readSetup(host: Host, { address, driver, isOn }: SetupCard): SetupReading {
  const { setup } = driver;
  const queries = setup?.queries(address) ?? [];
  const missing = queries.find(({ program }) => !host.hasTool(program));
  if (missing !== undefined) return { unknown: programMissing(missing.program) };
  const answers = queries.map((query) => answerOf(host, { ...query, asks: true }));
  const modes = setup?.read(answers);
  if (modes !== undefined) return { state: { functions: isOn, ...modes } };
  const [said] = answers.map(({ output }) => output.trim().split('\n').at(-1) ?? '');
  const [query] = queries;
  return { unknown: `${query?.program ?? ''} does not say its modes (${said ?? ''})` };
}

/** {@link CardSetupState} of the card of this sysfs name; undefined when there is none that is set up. */
export function cardSetupState(host: Host, address: string): CardSetupState | undefined {
  const card = host.setupCard(address);
  if (card === undefined) return undefined;
  const { driver, device, functions, isOn } = card;
  const { state, unknown } = readSetup(host, card);
  const known = state ?? { functions: isOn, mig: undefined, mixed: undefined, instances: [] };
  const tools = driver.setup?.command(address, { do: 'functions', on: true });
  const missing = [tools, ...(driver.setup?.queries(address) ?? [])].flatMap((command) =>
    command === undefined || host.hasTool(command.program) ? [] : [command.program],
  );
  const { capabilities } = host.describeHardware({ ...card, subsystem: 'pci' });
  const pci = capabilities.find((capability) => capability.kind === 'pci');
  return {
    address,
    driver,
    device,
    numaNode: pci?.numaNode,
    product: pci?.product?.text,
    functions,
    state: known,
    unknown,
    missing: [...new Set(missing)],
  };
}

/** The node device name of a card's physical function. */
export const cardName = (address: string): string => nodeDeviceName('pci', address);
