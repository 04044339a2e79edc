import type { HostCapture } from '../host/capture/assemble.ts';
import type { Hostdev } from '../domain/hostdev.ts';
import type {
  AttachedDevice,
  DeviceInfo,
  GroupInfo,
  ListedDevice,
} from '../engine/listed-device.ts';
import type { CommandResult } from '../engine/simulation-options.ts';
import type { CreateResult, Orphan, UpdateResult } from '../engine/results.ts';
import type { DeviceEvent, EventKind } from '../engine/events/device-event.ts';
import type { TypeInfo } from '../engine/card-info.ts';
import type { RuleExample } from '../engine/validate/examples/example.ts';
import type { ValidationRule } from '../engine/validate/rules.ts';
import type { Location, Severity } from '../errors.ts';
import type { MetricFamily } from '../exports/metrics.ts';
import type { NodeDevice } from '../nodedev/device.ts';
import type { DomainRef } from '../policy/domain-ref.ts';
import type { TypeExplanation } from '../plan/explain.ts';
import type { Misfit, Placement } from '../plan/placement.ts';
import type { ApplyResult, Plan } from '../plan/plan.ts';
import type { Prediction } from '../plan/predict.ts';
import type { Topology, TopologyCard } from '../plan/topology.ts';
import type { PlacedReservation } from '../reservations/reserve.ts';
import type { Arrived } from './migration.ts';
import type { VersionFacts } from './version.ts';

/**
 * The version of all answers, in their `schema`. It grows when a property is removed or gets another meaning; new properties do
 * not change it.
 */
export const ANSWER_VERSION = 1;

/** What each command answers with `--json`, by its name with `-`: `schemas/json/` is made of these types. */
export interface Answers {
  readonly apply: ApplyResult | PlanAnswer;
  readonly assert: Drift;
  readonly autostart: Devices;
  readonly completion: { readonly shell: string; readonly script: string };
  readonly create: CreateResult;
  readonly define: Devices;
  readonly destroy: Devices;
  readonly diff: Drift;
  readonly doctor: { readonly findings: readonly IssueAnswer[] };
  readonly dumpxml: NodeDevice;
  /** The answer to `event --list`. Each event is an {@link Answers.event-line}. */
  readonly event: { readonly types: readonly EventKind[] };
  readonly 'event-line': DeviceEvent;
  /** What a command told of each host, with `--fleet`. */
  readonly fleet: {
    readonly hosts: readonly FleetHostAnswer[];
    /** Of place: how many devices have no host. */
    readonly unplaced?: number | undefined;
    /** Of a desired state: what no host was told to have. */
    readonly refused?: readonly FleetRefusalAnswer[] | undefined;
  };
  readonly export: {
    readonly manager: string;
    /** What is printed without `--json`. */
    readonly text: string;
    /** What of the host is not in it. */
    readonly notes: readonly string[];
  } & Problems;
  readonly explain: { readonly explanations: readonly TypeExplanation[] } & Problems;
  readonly 'fleet-apply': Reservations;
  readonly 'fleet-release': Reservations;
  readonly 'fleet-reserve': Reservations;
  readonly 'fleet-status': { readonly hosts: readonly FleetHost[] };
  readonly gc: {
    /** The groups that were destroyed; with `--dry-run`, those that would be. */
    readonly orphans: readonly Orphan[];
    readonly failed: readonly { readonly orphan: Orphan; readonly error: IssueAnswer }[];
    /** Names of devices and definitions that others removed, and whose records were removed now. */
    readonly forgotten: readonly string[];
  };
  readonly 'group-add': GroupInfo;
  readonly 'group-claim': GroupInfo;
  readonly 'group-create': GroupInfo;
  readonly 'group-list': { readonly groups: readonly GroupInfo[] };
  readonly 'group-release': GroupInfo;
  readonly 'group-remove': Devices;
  readonly 'group-show': GroupInfo;
  readonly help: HelpAnswer;
  readonly hostdev: {
    /** The domain's file that was changed, with `--into`. */
    readonly file?: string;
    /** Those that were put in, or printed. */
    readonly hostdevs?: readonly (Omit<Hostdev, 'uuid'> & { readonly uuid?: string | undefined })[];
    /** Uuids, or addresses of functions, of those that were taken out. */
    readonly removed?: readonly string[];
  };
  readonly info: DeviceInfo;
  readonly 'libvirt-hook': {
    readonly domain: string;
    readonly operation: string;
    readonly phase: string;
    /** Whether something is done at this moment. */
    readonly handled: boolean;
  };
  readonly list: { readonly devices: readonly ListedDevice[] } & Problems;
  readonly metrics:
    | { readonly metrics: readonly MetricFamily[] }
    /** With `--listen`: where they are served. */
    | { readonly url: string };
  readonly place: Placement | Misfit;
  readonly plan: PlanAnswer;
  readonly predict: { readonly predictions: readonly Prediction[] } & Problems;
  readonly recover: { readonly recovered: readonly IssueAnswer[] };
  readonly rules: { readonly rules: readonly (ValidationRule & Partial<RuleExample>)[] };
  readonly 'migrate-xml': {
    readonly domain: DomainRef;
    /** The URI of the other host. */
    readonly to: string;
    readonly devices: readonly Arrived[];
    /** For `virsh migrate --xml`. */
    readonly xml: string;
    /** For `virsh migrate --persistent-xml`. */
    readonly persistentXml: string;
  };
  readonly 'sim-attach': { readonly devices: readonly AttachedDevice[] };
  readonly 'sim-bind': DeviceNames;
  readonly 'sim-capture': HostCapture;
  readonly 'sim-delay': { readonly call: string; readonly milliseconds: number };
  readonly 'sim-fail': { readonly call: string; readonly errno: string; readonly times: number };
  readonly 'sim-import': HostCapture;
  readonly 'sim-init': { readonly uri: string; readonly profile: string };
  /** Printed when it is mounted; the command lasts on. */
  readonly 'sim-mount': {
    readonly directory: string;
    readonly mountpoint: string;
    readonly vfio?: string | undefined;
  };
  readonly 'sim-plug': DeviceNames;
  readonly 'sim-profiles': { readonly profiles: readonly string[] };
  readonly 'sim-reset': { readonly uri: string };
  /** How the command ended: by itself, or by a signal. All that it prints is on standard error. */
  readonly 'sim-run': CommandResult;
  readonly 'sim-start': Devices;
  readonly 'sim-stop': Devices;
  readonly 'sim-unbind': DeviceNames;
  readonly 'sim-unplug': DeviceNames;
  readonly start: Devices;
  readonly 'start-parent': {
    readonly started: readonly DeviceInfo[];
    readonly failed: readonly { readonly device: DeviceInfo; readonly error: IssueAnswer }[];
  };
  readonly topology: Omit<Topology, 'problems'> & Problems;
  readonly types: {
    readonly types: readonly TypeInfo[];
    readonly cards: readonly WholeCard[];
  } & Problems;
  readonly undefine: Devices;
  readonly update: UpdateResult;
  readonly version: VersionFacts;
  readonly validate: {
    /** Whether no document has an error. Warnings do not count. */
    readonly valid: boolean;
    readonly documents: readonly {
      /** Absent: standard input. */
      readonly file?: string | undefined;
      readonly valid: boolean;
      readonly issues: readonly IssueAnswer[];
    }[];
    /** How many XML files of directories were left out, because they are other documents. */
    readonly skipped: number;
  };
}

interface Reservations {
  readonly reservations: readonly PlacedReservation[];
}

/** A host that an agent serves. */
export interface FleetHost {
  readonly name: string;
  /** Words by which `fleet reserve --host` chooses it. */
  readonly labels: readonly string[];
  /** False: the host is unknown, and nothing of it is free. */
  readonly alive: boolean;
  /** How many it has; absent: its agent has not told yet. */
  readonly devices?: number | undefined;
  readonly reservations: readonly PlacedReservation[];
  /** What could not be read, or what the agent could not do. */
  readonly problems: readonly {
    readonly domain?: string | undefined;
    readonly code: string;
    readonly message: string;
    readonly hint?: string | undefined;
  }[];
}

export type AnswerName = keyof Answers;

/** What stands around every answer. */
export interface Envelope {
  /** The name of the schema in `schemas/json/`, and the version of the answers: `create/1`. */
  readonly schema: string;
  /** Whether something was changed. Only in answers of commands that change something. */
  readonly changed?: boolean | undefined;
  /** Nothing was changed: all else is as it would be. */
  readonly dryRun?: true | undefined;
  /** What was told beside the answer. */
  readonly warnings: readonly IssueAnswer[];
}

/** An answer as it is printed. Warnings of the answer itself, as a plan has them, were told and are among the others. */
export function envelopeOf(
  name: AnswerName | 'error',
  value: object,
  { changed, dryRun, warnings }: Omit<Envelope, 'schema'>,
): Envelope {
  const schema = `${name}/${ANSWER_VERSION}`;
  return { schema, changed, dryRun, ...value, warnings };
}

/** What a command that failed writes to standard error with `--json`. */
export interface ErrorAnswer {
  readonly error: Omit<IssueAnswer, 'severity'> & {
    readonly severity: 'error';
    /** Further findings: what was undone, or all errors of a document. */
    readonly issues: readonly IssueAnswer[];
  };
}

/** A finding, with the hint as the command gives it. */
export interface IssueAnswer {
  /** Stable: never renamed. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly location?: Location | undefined;
  readonly hint?: string | undefined;
}

/**
 * A host of a fleet. `answered`: it did what it was asked, with `exitCode` and `answer` as if it were the only host. `refused`: it did
 * not, and nothing was changed there. `unknown`: it was not reached, or not to the end; nothing of it is free, and what was begun there
 * may be done or not.
 */
export interface FleetHostAnswer {
  readonly name: string;
  readonly uri: string;
  readonly labels: readonly string[];
  readonly state: 'answered' | 'refused' | 'unknown';
  readonly exitCode?: number | undefined;
  /** The command's own answer, with its own `schema`. */
  readonly answer?: object | undefined;
  readonly error?: ErrorAnswer['error'] | undefined;
}

/** A domain, a group or a device for which there is no host. */
export interface FleetRefusalAnswer {
  readonly name: string;
  readonly error: ErrorAnswer['error'];
}

/** What there is: of `help` without a command, all. */
export interface HelpAnswer {
  readonly commands: readonly CommandHelp[];
  /** Those of every command. */
  readonly options: readonly OptionHelp[];
  readonly exitCodes: readonly { readonly code: number; readonly meaning: string }[];
}

export interface CommandHelp {
  readonly name: string;
  /** The name in virsh. */
  readonly alias?: string | undefined;
  readonly summary?: string | undefined;
  readonly description?: string | undefined;
  /** In order. */
  readonly arguments: readonly OptionHelp[];
  readonly options: readonly OptionHelp[];
  /** Command lines without the program's name. */
  readonly examples: readonly { readonly line: string; readonly meaning: string }[];
}

/** An argument, or an option. */
export interface OptionHelp {
  readonly name: string;
  /** A letter for `-c`, or another name. */
  readonly aliases?: readonly string[] | undefined;
  readonly summary: string;
  /** What follows it; absent for a flag. */
  readonly takes?: 'string' | 'number' | undefined;
  readonly placeholder?: string | undefined;
  readonly repeats: boolean;
  readonly required: boolean;
}

interface Devices {
  /** As they are after the act. */
  readonly devices: readonly DeviceInfo[];
}

interface DeviceNames {
  /** Names of node devices. */
  readonly devices: readonly string[];
}

interface Problems {
  /** What could not be read, and is left out. */
  readonly problems: readonly IssueAnswer[];
}

interface Drift extends Pick<PlanAnswer, 'actions' | 'left' | 'refusals'> {
  /** Whether the host is not as desired. */
  readonly drift: boolean;
}

/** A plan, which `apply --plan` takes. */
interface PlanAnswer extends Omit<Plan, 'refusals' | 'warnings'> {
  readonly refusals: readonly IssueAnswer[];
}

/** What a card with several parents takes of each of its types, as if it took no other. */
export interface WholeCard extends Pick<TopologyCard, 'product'> {
  /** Names of node devices. */
  readonly parents: readonly string[];
  /** With the confidence `upper-bound` there may be less. */
  readonly types: readonly Pick<
    TopologyCard['types'][number],
    'id' | 'free' | 'used' | 'confidence'
  >[];
}
