import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type HostResult, onFleet } from '../../fleet/carry-out.ts';
import type { Reached } from '../../fleet/reach.ts';
import { formatRecord, parseRecord, type SentRecord } from '../../fleet/record.ts';
import type { ApplyResult, Plan } from '../../plan/plan.ts';
import { envelopeOf, type FleetHostAnswer } from '../answers.ts';
import type { Arguments, FleetContext } from '../command.ts';
import { readDesired, shownPlan } from '../desired.ts';
import { EXIT } from '../exit-codes.ts';
import { readInput, replaceFile } from '../files.ts';
import type { Io } from '../io.ts';
import * as messages from '../messages.ts';
import { dryRunOption, textOption } from '../options.ts';
import { hasDrift } from '../plan-text.ts';
import { errorAnswer, errorLines } from '../report-error.ts';
import { shown } from '../shown.ts';
import { exitCodeOf, failureAnswer, prefixed, tellFailures } from './each-host.ts';

export const recordOption = textOption(
  'record',
  "with --fleet: where devices were sent, read and kept, so that a host that is away is in nobody's way",
  { placeholder: 'FILE' },
);

/** Seconds for each host to carry out its part. */
const APPLYING = 300;

/** Plans a desired state on many hosts, or carries it out, and tells what each host does, and what none does. */
export async function desiredOnFleet(
  context: FleetContext,
  name: 'plan' | 'apply' | 'diff' | 'assert',
  format: (plan: Plan, done?: ApplyResult) => string,
): Promise<number> {
  const { args, io, output, hosts } = context;
  const { sources, options } = await readDesired(context);
  const isDry = name !== 'apply' || args.get(dryRunOption);
  const reaching = context.reaching(
    (host, signal) => context.connectTo(host, output, signal),
    isDry ? undefined : APPLYING,
  );
  const result = await onFleet(hosts, sources, reaching.options, {
    ...options,
    dryRun: isDry,
    record: name === 'apply' || name === 'plan' ? recordIn(args, io) : undefined,
  }).finally(reaching.end);
  const all = [...result.hosts, ...result.unknown];
  const codeOf = ({ plan }: HostResult): number =>
    (name === 'diff' || name === 'assert') && hasDrift(plan) ? EXIT.drift : 0;
  for (const { host, ...each } of result.hosts) {
    if (each.state !== 'answered') continue;
    for (const warning of each.value.plan.warnings) {
      output.warn({ ...warning, message: `${host.name}: ${warning.message}` });
    }
  }
  const refused = result.refused.map(({ unit, error }) => ({
    name: unit.name,
    error: errorAnswer(error),
  }));
  if (context.isJson) {
    output.report('fleet', { hosts: all.map((each) => answerOf(each, name, codeOf)), refused });
  } else {
    const told = result.hosts.flatMap(({ host, ...each }) => {
      if (each.state !== 'answered') return [];
      const text = format(
        shown(shownPlan(each.value.plan)),
        each.value.done && shown(each.value.done),
      );
      return text === '' ? [] : [`${messages.hostHeading(host.name)}\n${text}`];
    });
    if (told.length > 0) output.print(told.join('\n'));
    for (const { unit, error } of result.refused) {
      io.stderr(prefixed(unit.name, errorLines(error).join('')));
    }
    tellFailures(context, all);
  }
  return refused.length > 0 ? EXIT.failure : exitCodeOf(all, codeOf);
}

function answerOf(
  result: Reached<HostResult>,
  name: 'plan' | 'apply' | 'diff' | 'assert',
  codeOf: (value: HostResult) => number,
): FleetHostAnswer {
  if (result.state !== 'answered') return failureAnswer(result.host, result.state, result.error);
  const { plan, done } = result.value;
  const { actions, refusals, left } = plan;
  const answer =
    name === 'diff' || name === 'assert'
      ? { drift: hasDrift(plan), actions, refusals, left }
      : (done ?? shownPlan(plan));
  const changed = name === 'apply' ? (done?.actions.length ?? 0) > 0 : undefined;
  return {
    ...result.host,
    state: 'answered',
    exitCode: codeOf(result.value),
    answer: envelopeOf(name, answer, { changed, warnings: [] }),
  };
}

function recordIn(args: Arguments, io: Io): SentRecord | undefined {
  const file = args.get(recordOption);
  if (file === undefined) return undefined;
  const path = resolve(io.cwd, file);
  const read = async (): Promise<ReadonlyMap<string, string>> =>
    existsSync(path)
      ? parseRecord(Buffer.from(await readInput(io, file)).toString('utf8'), file)
      : new Map();
  return {
    read,
    keep: async (sent) => {
      const devices = new Map([...(await read()), ...sent]);
      await replaceFile(io, file, formatRecord(devices), true);
    },
  };
}
