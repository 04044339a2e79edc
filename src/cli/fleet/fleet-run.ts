import { chooseHosts, hostAgain } from '../../fleet/fleet.ts';
import { hostIsTwo } from '../../fleet/messages.ts';
import { nearMiss } from '../../suggest.ts';
import type { Command, CommandContext, FleetContext } from '../command.ts';
import { UsageError } from '../failures.ts';
import * as messages from '../messages.ts';
import { connectOption, jsonOption } from '../options.ts';
import { progressBar } from '../progress.ts';
import { loadFleet } from './load-fleet.ts';
import { fleetOption, hostOption, hostTimeoutOption } from './options.ts';

/** Runs a command on many hosts. */
export async function runOnFleet(
  command: Command,
  context: Omit<CommandContext, 'connect'>,
  connectTo: FleetContext['connectTo'],
): Promise<number> {
  const { args, io, output } = context;
  const file = args.get(fleetOption);
  if (file === undefined)
    throw new UsageError(messages.needsOption(hostOption.name, fleetOption.name));
  if (args.get(connectOption) !== undefined) {
    throw new UsageError(messages.exclusive(fleetOption.name, connectOption.name));
  }
  const { hosts, warnings } = await loadFleet(io, file);
  for (const warning of warnings) output.warn(warning);
  const { chosen, unknown } = chooseHosts(hosts, args.get(hostOption));
  const [word] = unknown;
  if (word !== undefined) {
    const near = nearMiss(
      word,
      hosts.flatMap(({ name, labels }) => [name, ...labels]),
    );
    throw new UsageError(
      messages.noSuchHost(word),
      near === undefined ? undefined : messages.didYouMean(near),
    );
  }
  const same = hostAgain(chosen);
  if (same !== undefined) throw hostIsTwo(...same);
  const fleet: FleetContext = {
    ...context,
    isJson: command.options.includes(jsonOption) && args.get(jsonOption),
    hosts: chosen,
    connectTo,
    reaching: (connect, deadline = 30) => {
      const bar = progressBar(io);
      const options = {
        connect,
        deadline: args.get(hostTimeoutOption) ?? deadline,
        onProgress: bar?.show,
      };
      return { options, end: () => bar?.clear() };
    },
  };
  if (command.fleet !== undefined) return command.fleet(fleet);
  const { onEachHost } = await import('./each-host.ts');
  return onEachHost(command, fleet);
}
