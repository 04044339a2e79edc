import { type Measured, metricFamilies, metricsOf } from '../../exports/metrics.ts';
import type { Connection } from '../../plan/connection.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../failures.ts';
import * as messages from '../messages.ts';
import { parseListenAddress, serveMetrics } from '../metrics-server.ts';
import { jsonOption, textOption } from '../options.ts';
import { version } from '../version.ts';

const listen = textOption('listen', 'serve them at http://ADDRESS/metrics until interrupted', {
  placeholder: 'ADDRESS',
  completion: [],
});

export const command: Command = {
  follows: true,
  arguments: [],
  options: [listen, jsonOption],
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
    const words = args.get(listen);
    const address = words === undefined ? undefined : parseListenAddress(words);
    if (words !== undefined && address === undefined) {
      throw new UsageError(messages.malformedAddress(words));
    }
    const connection = await connect();
    if (address === undefined) {
      const now = await measured(connection);
      if (args.get(jsonOption)) output.answer('metrics', { metrics: metricFamilies(now) });
      else output.printExactly(await metricsOf(now));
      return;
    }
    const measure = async (): Promise<string> => metricsOf(await measured(connection));
    await serveMetrics(address, measure, {
      signal: io.interruption(),
      onListening: (url) => {
        output.note(messages.metricsServed(url));
        if (args.get(jsonOption)) output.answer('metrics', { url });
      },
    });
  },
};

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
