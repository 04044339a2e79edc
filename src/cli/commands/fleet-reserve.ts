import { parsePlacementRequest } from '../../plan/creation.ts';
import type { PlacementRequest } from '../../plan/placement.ts';
import type { Command } from '../command.ts';
import { changeEtcd, etcdOptions } from '../etcd-options.ts';
import { UsageError } from '../failures.ts';
import * as messages from '../messages.ts';
import { choiceOption, dryRunOption, jsonOption, listOption } from '../options.ts';
import { reportReservations } from '../reservation-table.ts';

const request = listOption(
  'request',
  'DOMAIN=TYPE or DOMAIN=TYPE*COUNT; repeat a domain for more types',
  {
    required: true,
    completion: [],
  },
);
const host = listOption('host', 'only on hosts with this name or label; may be repeated', {
  placeholder: 'NAME|LABEL',
  completion: [],
});
const policy = choiceOption(
  'policy',
  ['pack', 'spread'],
  'pack: on few empty cards and hosts (default); spread: on hosts and cards with few devices',
);

export const command: Command = {
  changes: true,
  arguments: [request],
  options: [...etcdOptions, policy, host, dryRunOption, jsonOption],
  description:
    "Room is kept for each domain's devices on one host whose agent lives; nothing is made before 'fleet apply'. No two planners get the same room. When a domain has none, those reserved before it by this command are released again.",
  examples: [
    ["fleet reserve --etcd http://etcd1:2379 'vm1=M60-2Q*2' vm2=M60-8Q", 'room for two VMs'],
  ],
  failure: () => messages.reserveFailed,

  async run({ args, io, output }) {
    const byDomain = new Map<string, PlacementRequest[]>();
    for (const word of args.get(request)) {
      const at = word.indexOf('=');
      if (at < 1) throw new UsageError(messages.malformedReservation(word));
      const asked = parsePlacementRequest(word.slice(at + 1));
      const name = word.slice(0, at);
      byDomain.set(name, [...(byDomain.get(name) ?? []), asked]);
    }
    const requests = [...byDomain].map(([name, devices]) => ({ domain: { name }, devices }));
    const { reserveAll } = await import('../../reservations/reserve-all.ts');
    const options = {
      policy: args.get(policy),
      hosts: args.get(host),
      dryRun: args.get(dryRunOption),
    };
    const reservations = await changeEtcd(args, io, (client) =>
      reserveAll(client, requests, options),
    );
    output.noteChange();
    reportReservations(output, 'fleet-reserve', reservations, args.get(dryRunOption));
  },
};
