import type { Command } from '../command.ts';
import { etcdOptions, withEtcd } from '../etcd-options.ts';
import * as messages from '../messages.ts';
import { listOption, textOption } from '../options.ts';

const name = textOption('name', "the host's name in etcd", {
  placeholder: 'HOST',
  required: true,
  completion: [],
});

const label = listOption(
  'label',
  'a word by which planners may choose this host; may be repeated',
  {
    placeholder: 'LABEL',
    completion: [],
  },
);

export const command: Command = {
  follows: true,
  arguments: [],
  options: [...etcdOptions, name, label],
  description: `It publishes the host's inventory when it changes, keeps a lease that tells that it lives, makes the devices that
are wanted of this host, and destroys those that are released and that it made, until it is interrupted. Of two with one name
the one that began last goes on, the other ends with code 1. While etcd does not answer, nothing is changed.`,
  examples: [
    [
      'agent --etcd http://etcd1:2379,http://etcd2:2379 --name gpu1',
      'serve this host, as a service does',
    ],
  ],
  failure: (args) => messages.agentFailed(args.get(name) ?? ''),

  async run({ args, io, connect, output }) {
    const { runAgent } = await import('../../reservations/agent.ts');
    const connection = await connect();
    const host = args.get(name) ?? '';
    await withEtcd(args, io, (client) =>
      runAgent(client, connection, {
        name: host,
        labels: args.get(label),
        signal: io.interruption(),
        onReady: () => {
          output.note(messages.agentServes(host));
        },
        report: (problem) => {
          if (problem === undefined) output.note(messages.agentGoesOn);
          else output.warn(problem);
        },
      }),
    );
  },
};
