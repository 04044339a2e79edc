import type { Command } from '../command.ts';
import { changeEtcd, etcdOptions } from '../etcd-options.ts';
import * as messages from '../messages.ts';
import { dryRunOption, jsonOption, listOption, flagOption } from '../options.ts';
import { reportReservations } from '../reservation-table.ts';

const domain = listOption('domain', 'names of domains with a reservation', {
  required: true,
  completion: [],
});
const forget = flagOption(
  'forget',
  'at once, of a host that does not come back: refused while its agent lives',
);

export const command: Command = {
  changes: true,
  arguments: [domain],
  options: [...etcdOptions, forget, dryRunOption, jsonOption],
  description:
    'What is only reserved ends at once. Devices that were made are destroyed by the agent when no VM uses them; until then their room stays reserved.',
  examples: [['fleet release --etcd http://etcd1:2379 vm1', 'the VM needs its devices no more']],
  failure: () => messages.fleetReleaseFailed,

  async run({ args, io, output }) {
    const { release } = await import('../../reservations/reserve.ts');
    const reservations = await changeEtcd(args, io, async (client) => {
      const options = { dryRun: args.get(dryRunOption), onChange: output.noteChange };
      const done = [];
      for (const name of args.get(domain)) {
        done.push(await release(client, name, { ...options, forget: args.get(forget) }));
      }
      return done;
    });
    reportReservations(output, 'fleet-release', reservations, args.get(dryRunOption));
  },
};
