import {
  exposition,
  type Measured,
  type MetricFamily,
  metricsOf,
  metricsOfHosts,
} from '../../exports/metrics.ts';
import { onHosts, type Reached } from '../../fleet/reach.ts';
import type { Connection } from '../../plan/connection.ts';
import type { Arguments, Command, CommandContext } from '../command.ts';
import { UsageError } from '../failures.ts';
import { exitCodeOf, tellFailures } from '../fleet/each-host.ts';
import { fleetOptions } from '../fleet/options.ts';
import * as messages from '../messages.ts';
import { type ListenAddress, parseListenAddress, serveMetrics } from '../metrics-server.ts';
import { jsonOption, textOption } from '../options.ts';
import { version } from '../version.ts';

const listen = textOption('listen', 'serve them at http://ADDRESS/metrics until interrupted', {
  placeholder: 'ADDRESS',
  completion: [],
});

export const command: Command = {
  follows: true,
  arguments: [],
  options: [listen, ...fleetOptions, jsonOption],
  readOnly: true,
  description:
    "Prometheus text: devices by parent, type and state, what is free of each type, owners, orphans, definitions that cannot be started, doctor's findings, the last recovery. ADDRESS is HOST:PORT, or :PORT for all of the machine's addresses. Nothing is changed, and nothing recovered.",
  examples: [
    [
      'metrics > /var/lib/prometheus/node-exporter/virt-nodedev.prom.new',
      "for node_exporter's textfile collector, before a rename",
    ],
    ['metrics --listen localhost:9838', 'for a scraper on this machine'],
  ],
  failure: () => messages.metricsFailed,

  async run({ args, io, connect, output }) {
    const address = addressIn(args);
    const connection = await connect();
    await printOrServe({ args, io, output }, address, async () =>
      metricsOf(await measured(connection)),
    );
  },

  async fleet(fleet) {
    const address = addressIn(fleet.args);
    const { args, io, output, hosts } = fleet;
    let results: readonly Reached<Measured>[] = [];
    await printOrServe({ args, io, output }, address, async () => {
      const { options, end } = fleet.reaching((host, signal) =>
        fleet.connectTo(host, output, signal),
      );
      results = await onHosts(hosts, (_, connection) => measured(connection), options).finally(end);
      return metricsOfHosts(
        results.map((result) => ({
          host: result.host.name,
          measured: result.state === 'answered' ? result.value : undefined,
        })),
      );
    });
    tellFailures(fleet, results);
    return exitCodeOf(results, () => 0);
  },
};

/** @throws UsageError */
function addressIn(args: Arguments): ListenAddress | undefined {
  const words = args.get(listen);
  const address = words === undefined ? undefined : parseListenAddress(words);
  if (words !== undefined && address === undefined) {
    throw new UsageError(messages.malformedAddress(words));
  }
  return address;
}

async function printOrServe(
  { args, io, output }: Pick<CommandContext, 'args' | 'io' | 'output'>,
  address: ListenAddress | undefined,
  measure: () => Promise<readonly MetricFamily[]>,
): Promise<void> {
  const json = args.get(jsonOption);
  if (address === undefined) {
    const metrics = await measure();
    if (json) output.answer('metrics', { metrics });
    else output.printExactly(await exposition(metrics));
    return;
  }
  await serveMetrics(address, async () => exposition(await measure()), {
    signal: io.interruption(),
    onListening: (url) => {
      output.note(messages.metricsServed(url));
      if (json) output.answer('metrics', { url });
    },
  });
}

async function measured(connection: Connection): Promise<Measured> {
  const { orphans } = await connection.gc({ dryRun: true });
  return {
    topology: await connection.topology(),
    findings: await connection.doctor(),
    orphaned: orphans.flatMap(({ devices }) => devices).length,
    recovery: await connection.recoveryState(),
    version: version(),
  };
}
