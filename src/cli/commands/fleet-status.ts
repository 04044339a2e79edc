import type { FleetHost } from '../answers.ts';
import type { Command } from '../command.ts';
import { etcdOptions, withEtcd } from '../etcd-options.ts';
import * as messages from '../messages.ts';
import { jsonOption } from '../options.ts';
import { reservationTable } from '../reservation-table.ts';
import { formatTable } from '../table.ts';

export const command: Command = {
  arguments: [],
  options: [...etcdOptions, jsonOption],
  description:
    'The hosts that agents serve, what is reserved on them, and what agents could not do. A host whose agent does not live is unknown: its devices are not free.',
  examples: [['fleet status --etcd http://etcd1:2379', 'hosts and reservations']],
  failure: () => messages.fleetStatusFailed,

  async run({ args, io, output }) {
    const { readHosts } = await import('../../reservations/view.ts');
    const views = await withEtcd(args, io, readHosts);
    const hosts = [...views.values()].map((view): FleetHost => {
      const unread = view.problems.map(({ code, message, hint }) => ({ code, message, hint }));
      return {
        name: view.name,
        labels: view.labels,
        alive: view.isAlive,
        devices: view.cards?.reduce((sum, { card }) => sum + card.devices.length, 0),
        reservations: view.reservations.map(({ version, state, domain, devices }) => {
          return { version, host: view.name, state, domain, devices };
        }),
        problems: [...unread, ...(view.report?.problems ?? [])],
      };
    });
    output.report('fleet-status', { hosts }, (shown) => text(shown.hosts));
  },
};

function text(hosts: readonly FleetHost[]): string {
  const reservations = hosts.flatMap((host) => host.reservations);
  return [
    formatTable(
      ['Host', 'Agent', 'Devices', 'Reservations', 'Labels'],
      hosts.map(({ name, labels, alive, devices, reservations: own }) => [
        name,
        alive ? 'alive' : 'unknown',
        String(devices ?? '-'),
        String(own.length),
        labels.join(', ') || '-',
      ]),
    ),
    reservations.length === 0 ? '' : `\n${reservationTable({ reservations })}`,
    ...hosts.flatMap(({ name, problems }) =>
      problems.map(({ code, message }) => `\n${name}: ${message} (${code})`),
    ),
  ].join('');
}
