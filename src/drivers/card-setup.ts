/** How a card is set up before it has devices. A mode that is undefined does not exist on it, or is not known. */
export interface SetupState {
  /** Whether its virtual functions are on. */
  readonly functions: boolean;
  readonly mig?: boolean | undefined;
  /** Whether devices of several sizes may be on it. */
  readonly mixed?: boolean | undefined;
  /** The profiles of its GPU instances, one entry for each. */
  readonly instances: readonly string[];
}

/** How a document wants a card. What it does not say stays as it is, if it can. */
export interface WantedSetup {
  readonly functions: boolean;
  readonly mode?: 'equal' | 'mixed' | 'mig' | undefined;
  readonly instances?: readonly string[] | undefined;
}

/** One change of a card's set-up. */
export type SetupStep =
  | { readonly do: 'mig' | 'functions' | 'mixed'; readonly on: boolean }
  | { readonly do: 'instances'; readonly profiles: readonly string[] };

/** A program of the vendor with its arguments. It is never given to a shell. */
export interface ToolCommand {
  /** Absolute, below the host's root. */
  readonly program: string;
  readonly args: readonly string[];
  /** The most seconds it may take. */
  readonly seconds: number;
  /** It only asks, and changes nothing. */
  readonly asks?: true | undefined;
}

/** What came of a {@link ToolCommand}. */
export interface ToolAnswer {
  /** Exit status; undefined: it did not end by itself, and `output` says why. */
  readonly status: number | undefined;
  /** Standard output and error. */
  readonly output: string;
}

/** The meaning of an answer that is no success. */
export interface SetupRefusal {
  /** A sentence without full stop. */
  readonly says: string;
  readonly next: string;
  /** Whether the same may succeed a second later. */
  readonly mayPass: boolean;
}

/**
 * How a vendor's cards are set up before they have devices: with its programs, since the kernel has no files for it. `address` is always
 * the sysfs name of the physical function.
 */
export interface CardSetup {
  /** The kernel driver of the physical function. */
  readonly boundTo: string;
  /** The steps from one state to another, in the order that the card needs. */
  steps(now: SetupState, wanted: WantedSetup): readonly SetupStep[];
  /** The state after a step. */
  after(now: SetupState, step: SetupStep): SetupState;
  /** The state after a reboot, as far as it does not depend on what the host itself does then. */
  afterBoot(now: SetupState): SetupState;
  /** Whether a step is refused while the card has a device. */
  needsNoDevice(step: SetupStep): boolean;
  command(address: string, step: SetupStep): ToolCommand;
  /** What a step does, in words. */
  words(step: SetupStep): string;
  /** The programs that say which modes a card has. */
  queries(address: string): readonly ToolCommand[];
  /** Reads their answers, in the same order; undefined: they say nothing of it. */
  read(answers: readonly ToolAnswer[]): Omit<SetupState, 'functions'> | undefined;
  /** Why a step's program failed, or, of one that says that it did not, why the card may not show it. */
  refusal(step: SetupStep, answer: ToolAnswer): SetupRefusal;
  /** The settings that a state is for the driver's rules. */
  settings(state: SetupState): Readonly<Record<string, string>>;
  /** The other way round: the state that a card's settings are. */
  stateOf(
    card: { readonly settings: Readonly<Record<string, string>> },
    functions: boolean,
  ): SetupState;
  /** What the programs answer on a simulated host, and the step that they make. */
  standIn(
    command: ToolCommand,
    cardAt: (address: string) => StandInCard | undefined,
  ): StandInAnswer;
}

/** A simulated card as its vendor's programs find it. */
export interface StandInCard {
  readonly state: SetupState;
  readonly hasDevices: boolean;
  readonly types: readonly { readonly name?: string | undefined }[];
}

export interface StandInAnswer extends ToolAnswer {
  readonly address?: string | undefined;
  readonly step?: SetupStep | undefined;
}
