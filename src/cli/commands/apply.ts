import type { ApplicablePlan, Plan } from '../../plan/plan.ts';
import { parsePlan } from '../../plan/parse-plan.ts';
import { actionSentence } from '../action-sentence.ts';
import type { Arguments, Command, CommandContext } from '../command.ts';
import { makePlan, optionalPaths, planOptions } from '../desired.ts';
import { UsageError } from '../failures.ts';
import { readInput, sourceName } from '../files.ts';
import { desiredOnFleet, recordOption } from '../fleet/desired-on-fleet.ts';
import { fleetOption, fleetOptions } from '../fleet/options.ts';
import * as messages from '../messages.ts';
import {
  dryRunOption,
  hotplugOption,
  ifGenerationOption,
  jsonOption,
  textOption,
} from '../options.ts';
import { formatPlan, nothingToDo } from '../plan-text.ts';
import { progressBar } from '../progress.ts';

const planFile = textOption('plan', "what 'plan --json' printed, instead of PATH", {
  placeholder: 'FILE',
});
const dryRun = { ...dryRunOption, summary: 'only show the plan' };

export const command: Command = {
  changes: true,
  arguments: [optionalPaths],
  options: [
    planFile,
    dryRun,
    ...planOptions,
    ifGenerationOption,
    ...fleetOptions,
    recordOption,
    jsonOption,
  ],
  description:
    'Carries out what plan shows, all of it or nothing. A plan is refused when what it depends on has changed since it was made. Applied again, it does nothing.',
  examples: [
    ['apply desired/', 'everything desired is there then'],
    ['apply desired/ --prune', 'and nothing else of ours that is free'],
    ['apply --plan plan.json', 'exactly the plan that was looked at'],
  ],
  failure: () => messages.applyFailed,

  async fleet(context) {
    const { args, output } = context;
    for (const option of [planFile, ifGenerationOption]) {
      if (args.get(option) !== undefined) {
        throw new UsageError(messages.incompatible(option.name, `--${fleetOption.name}`));
      }
    }
    if (args.get(optionalPaths).length === 0) {
      throw new UsageError(
        messages.missingArgument('apply', optionalPaths.name),
        messages.seeHelp('apply'),
      );
    }
    if (args.get(dryRun)) return desiredOnFleet(context, 'apply', (plan) => formatPlan(plan));
    return desiredOnFleet(context, 'apply', ({ left }, done) => {
      if (done === undefined) return '';
      if (done.actions.length > 0) output.noteChange();
      const lines = done.actions.map(actionSentence);
      return [...lines, ...(lines.length === 0 ? [nothingToDo(left)] : [])]
        .map((line) => `${line}\n`)
        .join('');
    });
  },

  async run(context) {
    const { args, io, connect, output } = context;
    const file = args.get(planFile);
    if ((file === undefined) === (args.get(optionalPaths).length === 0)) {
      throw new UsageError(messages.planOrPath, messages.seeHelp('apply'));
    }
    if (file !== undefined) refuseOptions(args);
    if (args.get(dryRun)) {
      const plan = await makePlan(context);
      for (const warning of plan.warnings) output.warn(warning);
      if (plan.actions.length > 0) output.noteChange();
      output.report('apply', plan, formatPlan);
      return plan.applicable ? 0 : 1;
    }
    const plan: ApplicablePlan & Partial<Pick<Plan, 'left'>> =
      file === undefined ? await planNow(context) : await readPlan(context, file);
    const progress = progressBar(io);
    const done = await (await connect())
      .apply(plan, {
        onProgress: progress?.show,
        allowHotplug: args.get(hotplugOption),
        ifGeneration: args.get(ifGenerationOption),
      })
      .finally(() => {
        progress?.clear();
      });
    output.report('apply', done);
    for (const action of done.actions) output.tell(actionSentence(action));
    if (done.actions.length === 0) output.tell(nothingToDo(plan.left));
    return 0;
  },
};

/** Refuses options that change a plan, and `--dry-run`, when the plan is read from a file. */
function refuseOptions(args: Arguments): void {
  const given = [dryRun, ...planOptions]
    .filter((option) => option !== hotplugOption)
    .find((option) => Boolean(args.get<unknown>(option)));
  if (given !== undefined) throw new UsageError(messages.exclusive(planFile.name, given.name));
}

/** The size limit of a plan. One of 100,000 devices has about 100 MB. */
const MAX_PLAN = 256 * 1024 * 1024;

async function planNow(context: CommandContext): Promise<Plan> {
  const plan = await makePlan(context);
  for (const warning of plan.warnings) context.output.warn(warning);
  return plan;
}

async function readPlan({ io }: CommandContext, file: string): Promise<ApplicablePlan> {
  const bytes = await readInput(io, file, MAX_PLAN);
  return parsePlan(Buffer.from(bytes).toString('utf8'), { file: sourceName(file) });
}
