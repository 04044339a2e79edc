import type { Command } from '../command.ts';
import { changeEtcd, etcdOptions } from '../etcd-options.ts';
import * as messages from '../messages.ts';
import { dryRunOption, jsonOption, listOption } from '../options.ts';
import { reportReservations } from '../reservation-table.ts';

const domain = listOption('domain', 'names of domains with a reservation', {
  required: true,
  completion: [],
});

export const command: Command = {
  changes: true,
  arguments: [domain],
  options: [...etcdOptions, dryRunOption, jsonOption],
  description:
    "The agents of their hosts make the devices, each domain's as a group that it owns, and make them again after a reboot. What they could not do stands in 'fleet status'.",
  examples: [['fleet apply --etcd http://etcd1:2379 vm1 vm2', 'make what is reserved for two VMs']],
  failure: () => messages.fleetApplyFailed,

  async run({ args, io, output }) {
    const { carryOut } = await import('../../reservations/reserve.ts');
    const reservations = await changeEtcd(args, io, async (client) => {
      const options = { dryRun: args.get(dryRunOption), onChange: output.noteChange };
      const done = [];
      for (const name of args.get(domain)) done.push(await carryOut(client, name, options));
      return done;
    });
    reportReservations(output, 'fleet-apply', reservations, args.get(dryRunOption));
  },
};
