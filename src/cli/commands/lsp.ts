import { editedDocument } from '../../engine/validate/edited.ts';
import type { HostNames } from '../../lsp/completion.ts';
import { serveLanguage } from '../../lsp/server.ts';
import type { Connection } from '../../plan/connection.ts';
import type { Command } from '../command.ts';
import { connectionUri } from '../connection-uri.ts';
import { UsageError } from '../failures.ts';
import * as messages from '../messages.ts';
import { flagOption } from '../options.ts';
import { version } from '../version.ts';

const stdio = flagOption('stdio', 'speak over standard input and output, as it always does');

export const command: Command = {
  follows: true,
  arguments: [],
  options: [stdio],
  readOnly: true,
  description:
    'For editors: libvirt domains, node devices and profiles of simulated hosts are checked while they are written, with completion of ' +
    'elements, attributes and values, and what a rule is for. With -c, also against that host, and with its parents, types and devices. ' +
    'Other XML is left alone. docs/editors.md says how editors start it.',
  examples: [
    ['lsp', 'the server that an editor starts'],
    ['lsp -c sim:host', 'for domains that will run on such a host'],
  ],

  async run({ args, io, connect }) {
    if (io.streams === undefined) throw new UsageError(messages.noStreams('lsp'));
    const connection = connectionUri(args, io) === undefined ? undefined : await connect();
    await serveLanguage(io.streams.input, io.streams.output, {
      version: version(),
      signal: io.interruption(),
      validation:
        connection === undefined
          ? editedDocument
          : (file) => async (text) => (await connection.validate({ text, file }))[0]?.issues ?? [],
      ...(connection && { host: () => hostNames(connection) }),
    });
  },
};

async function hostNames(connection: Connection): Promise<HostNames> {
  const [types, devices, groups] = [
    await connection.types(),
    await connection.list({ capabilities: ['mdev'], state: 'all' }),
    await connection.groups(),
  ];
  const byType = new Map(types.items.map(({ id, name }) => [id, { name: id, detail: name }]));
  return {
    parents: [...new Set(types.items.map(({ parent }) => parent))],
    types: [...byType.values()],
    devices: devices.items.flatMap(({ uuid, type }) =>
      uuid === undefined ? [] : [{ name: uuid, detail: type }],
    ),
    names: devices.items.map(({ name, type }) => ({ name, detail: type })),
    groups: groups.map(({ name }) => name),
  };
}
