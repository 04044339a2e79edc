import { serveConnection } from '../../remote/server.ts';
import type { Command } from '../command.ts';
import { connectionUri } from '../connection-uri.ts';
import { UsageError } from '../failures.ts';
import * as messages from '../messages.ts';
import { flagOption, readonlyOption } from '../options.ts';

const stdio = flagOption('stdio', 'speak over standard input and output');

export const command: Command = {
  arguments: [],
  options: [stdio],
  description:
    'What -c ssh://HOST/ starts on the other machine, for one connection: nothing listens on a port. It speaks JSON-RPC, a message in a ' +
    'line. With -c it serves that host only, and with -r no change: so it can be the command of a key in authorized_keys.',
  examples: [
    ['serve --stdio', 'what ssh starts'],
    ['serve --stdio -r', 'for a key that may only look'],
  ],

  async run({ args, io }) {
    if (!args.get(stdio)) throw new UsageError(messages.missingOption('serve', stdio.name));
    if (io.streams === undefined) throw new UsageError(messages.noStreams('serve'));
    const { input, output } = io.streams;
    await serveConnection(input, output, {
      open: io.connect,
      only: connectionUri(args, io),
      readOnly: args.get(readonlyOption),
      stray: io.stderr,
      signal: io.interruption(),
    });
  },
};
