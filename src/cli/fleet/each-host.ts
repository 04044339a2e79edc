import type { NodedevError } from '../../errors.ts';
import type { FleetHost } from '../../fleet/fleet.ts';
import { onHosts, type Reached } from '../../fleet/reach.ts';
import type { FleetHostAnswer } from '../answers.ts';
import type { Command, FleetContext } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import * as messages from '../messages.ts';
import { quietOption } from '../options.ts';
import { errorLines, errorAnswer } from '../report-error.ts';
import { keptOutput } from './kept-output.ts';

/** What a command printed for one host. */
interface Printed {
  readonly code: number;
  readonly stdout: string;
}

/**
 * Runs a command on each host by itself, as if it were the only one, and prints what it told: under the host's name, or with `--json`
 * as a list. The exit code is 1 when a host is unknown or refused, else the highest of the hosts' own.
 */
export async function onEachHost(command: Command, fleet: FleetContext): Promise<number> {
  const { args, io, hosts, output, commands } = fleet;
  const json = fleet.isJson;
  const kept = new Map(
    hosts.map((host) => [host.name, keptOutput(io, { json, quiet: args.get(quietOption) })]),
  );
  const outputOf = ({ name }: FleetHost) =>
    kept.get(name) ?? keptOutput(io, { json, quiet: false });
  const { options, end } = fleet.reaching((host, signal) =>
    fleet.connectTo(host, outputOf(host).output, signal),
  );
  const results = await onHosts(
    hosts,
    async (host, connection): Promise<Printed> => {
      const own = outputOf(host);
      const code = await command.run({
        args,
        commands,
        io: own.io,
        output: own.output,
        connect: () => Promise.resolve(connection),
      });
      return { code: code ?? 0, stdout: own.printed.stdout };
    },
    options,
  ).finally(end);
  for (const { host } of results) {
    const own = outputOf(host);
    if (!json) for (const issue of own.output.takeWarnings()) output.warn(issue);
    io.stderr(prefixed(host.name, own.printed.stderr));
  }
  if (json) output.report('fleet', { hosts: results.map(answerOf) });
  else {
    const answers = results.flatMap((result) => (result.state === 'answered' ? [result] : []));
    for (const [index, { host, value }] of answers.entries()) {
      if (index > 0) io.stdout('\n');
      output.print(`${messages.hostHeading(host.name)}\n`);
      io.stdout(value.stdout);
    }
    tellFailures(fleet, results);
  }
  return exitCodeOf(results, ({ code }) => code);
}

/** Says on standard error which hosts are unknown or refused, and why. */
export function tellFailures(
  { io, output }: Pick<FleetContext, 'io' | 'output'>,
  results: readonly Reached<unknown>[],
): void {
  const failed = results.filter((result) => result.state !== 'answered');
  for (const { host, state, error } of failed) {
    const lines = errorLines(error)
      .join('')
      .replace(/^error/u, state);
    io.stderr(prefixed(host.name, lines));
  }
  output.note(messages.hostCount(results.map(({ state }) => state)));
}

/** One where a host is unknown or refused, else the highest code. */
export function exitCodeOf<T>(
  results: readonly Reached<T>[],
  codeOf: (value: T) => number,
): number {
  return results.some(({ state }) => state !== 'answered')
    ? EXIT.failure
    : Math.max(
        0,
        ...results.map((result) => (result.state === 'answered' ? codeOf(result.value) : 0)),
      );
}

function answerOf(result: Reached<Printed>): FleetHostAnswer {
  if (result.state !== 'answered') return failureAnswer(result.host, result.state, result.error);
  const { host, value } = result;
  const answer: unknown = JSON.parse(value.stdout);
  return {
    ...host,
    state: 'answered',
    exitCode: value.code,
    answer: typeof answer === 'object' && answer !== null ? answer : undefined,
  };
}

export function failureAnswer(
  host: FleetHost,
  state: 'refused' | 'unknown',
  error: NodedevError,
): FleetHostAnswer {
  return { ...host, state, error: errorAnswer(error) };
}

/** A text with a name before each of its lines. */
export const prefixed = (name: string, text: string): string =>
  text.replace(/^(?=.)/gmu, `${name}: `);
