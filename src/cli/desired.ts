import type { SourceText } from '../engine/sources.ts';
import type { Plan, PlanOptions } from '../plan/plan.ts';
import type { CommandContext } from './command.ts';
import { UsageError } from './failures.ts';
import { readSources } from './files.ts';
import type { Io } from './io.ts';
import * as messages from './messages.ts';
import {
  adoptOption,
  choiceOption,
  flagOption,
  hotplugOption,
  listOption,
  type Option,
  wholeNumberOption,
} from './options.ts';
import { issueData } from './report-error.ts';
import { xmlFiles } from './xml-files.ts';

// The common options of plan, apply, diff and assert.

const pathDetails = { placeholder: 'PATH' };
const pathSummary =
  'XML of node devices and of the domains that use them; a directory stands for every *.xml below it';
const prune = flagOption('prune', 'also destroy our devices that are not desired');
const allowEmpty = flagOption(
  'allow-empty',
  'with --prune: a directory without files is a state without devices, and no mistake',
);
const define = flagOption('define', 'the devices are persistent as well');
const autostart = flagOption('autostart', 'with --define: they start when their parent appears');
const policy = choiceOption(
  'place',
  ['pack', 'spread'],
  'devices without <parent>: on as few empty cards as possible (default), or as even as possible',
);

const node = wholeNumberOption(
  'node',
  'devices without <parent>: only on cards of this NUMA node',
  {
    placeholder: 'N',
  },
);

/** The files of the desired state. */
export const paths = listOption('path', pathSummary, { ...pathDetails, required: true });

/** The same, optional, for commands that accept a plan instead. */
export const optionalPaths = listOption('path', pathSummary, pathDetails);

/** The options that decide which differences count. */
export const compareOptions: readonly Option<unknown>[] = [
  prune,
  allowEmpty,
  adoptOption,
  define,
  autostart,
];

/** The options that decide how the desired state is reached. */
export const planOptions: readonly Option<unknown>[] = [
  ...compareOptions,
  policy,
  node,
  hotplugOption,
];

/** The desired state in the command line, and how it is to be reached. */
export async function readDesired({ args, io }: Pick<CommandContext, 'args' | 'io'>): Promise<{
  readonly sources: readonly SourceText[];
  readonly options: PlanOptions;
}> {
  if (args.get(autostart) && !args.get(define)) {
    throw new UsageError(messages.needsOption(autostart.name, define.name));
  }
  if (args.get(allowEmpty) && !args.get(prune)) {
    throw new UsageError(messages.needsOption(allowEmpty.name, prune.name));
  }
  const names = await withoutEmpty(io, args.get(optionalPaths), args.get(allowEmpty));
  const { files, unreadable } = await xmlFiles(io, names);
  const [failure] = unreadable;
  if (failure !== undefined) throw failure;
  const sources = await readSources(
    io,
    files.map(({ file }) => file),
  );
  const options = {
    prune: args.get(prune),
    adopt: args.get(adoptOption),
    define: args.get(define),
    autostart: args.get(autostart) ? true : undefined,
    policy: args.get(policy),
    node: args.get(node),
    allowHotplug: args.get(hotplugOption),
  };
  return { sources, options };
}

/** Makes the plan for the desired state in the command line. */
export async function makePlan(context: CommandContext): Promise<Plan> {
  const { sources, options } = await readDesired(context);
  return shownPlan(await (await context.connect()).plan(sources, options));
}

/** A plan whose hints speak of the command. */
export function shownPlan(plan: Plan): Plan {
  return { ...plan, refusals: plan.refusals.map((issue) => issueData(issue)) };
}

/**
 * The names without directories that have no file: these may be a wrong path, so that all devices would go.
 *
 * @throws UsageError for such a directory, unless it may be there
 */
async function withoutEmpty(
  io: Io,
  names: readonly string[],
  isAllowed: boolean,
): Promise<readonly string[]> {
  const full: string[] = [];
  for (const name of names) {
    try {
      await xmlFiles(io, [name]);
      full.push(name);
    } catch (error) {
      const isEmpty = error instanceof UsageError && error.message === messages.noXmlFiles(name);
      if (!isEmpty) throw error;
      if (!isAllowed) throw new UsageError(error.message, messages.emptyHint);
    }
  }
  return full;
}
