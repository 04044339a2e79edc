import { NodedevError } from '../../errors.ts';
import type { Connection } from '../../plan/connection.ts';
import type { Command } from '../command.ts';
import { connectionOptions, uriOf } from '../connection-uri.ts';
import { UsageError } from '../failures.ts';
import { readSource, removeFiles, sourceName, writeNewFile } from '../files.ts';
import type { Io } from '../io.ts';
import { arrive, leave, makeArrival } from '../migration.ts';
import * as messages from '../messages.ts';
import { dryRunOption, jsonOption, numberOption, requiredOption, textOption } from '../options.ts';

const file = requiredOption(
  'file',
  'domain XML, of virsh dumpxml --migratable; - is standard input',
);
const to = requiredOption('to', 'the host it moves to', { placeholder: 'URI', completion: 'uri' });
const persistent = textOption('persistent', 'its other form, of virsh dumpxml --inactive', {
  placeholder: 'FILE',
});
const xml = textOption('xml', 'a new file for virsh migrate --xml, instead of standard output', {
  placeholder: 'FILE',
});
const persistentXml = textOption(
  'persistent-xml',
  'a new file for virsh migrate --persistent-xml',
  {
    placeholder: 'FILE',
  },
);
const expires = numberOption(
  'expires',
  'gc there takes back what is not opened by then; default 3600',
  { placeholder: 'SECONDS' },
);

const HOUR = 3600;

export const command: Command = {
  changes: true,
  arguments: [file],
  options: [to, persistent, xml, persistentXml, expires, dryRunOption, jsonOption],
  description:
    'For each mediated device of the domain, and each function with a type, one of the same type is created on the other host, with the same ' +
    'attributes, and claimed for the domain: all or nothing. The type must look the same to the guest, not only have the same id. ' +
    'The XML is the domain with the new uuids or addresses; nothing else in it changes. This host is not changed.',
  examples: [
    [
      'migrate-xml vm.xml --to ssh://gpu2/ --xml live.xml --persistent-xml kept.xml',
      'then: virsh migrate --live --persistent --xml live.xml --persistent-xml kept.xml vm qemu+ssh://gpu2/system',
    ],
    ['migrate-xml vm.xml --to ssh://gpu2/ --dry-run', 'whether it has a place there'],
  ],
  failure: (args) => messages.migrateFailed(sourceName(args.get(file))),

  async run({ args, io, connect, output }) {
    const names = { live: args.get(xml), kept: args.get(persistentXml) };
    const other = args.get(persistent);
    if (other !== undefined && names.kept === undefined) {
      throw new UsageError(messages.missingOption('migrate-xml', persistentXml.name));
    }
    const live = await readSource(io, args.get(file));
    const kept = other === undefined ? live : await readSource(io, other);
    const uri = uriOf(args.get(to), io.cwd);
    const leaving = await leave(await connect(), live);
    const open = (dryRun: boolean): Promise<Connection> =>
      io.connect(uri, { ...connectionOptions(args, io), report: output.warn, dryRun });
    const arrival = await using(open(true), (host) => arrive(host, leaving));
    const texts = { live: arrival.edit(live), kept: arrival.edit(kept) };
    if (!args.get(dryRunOption)) {
      await withNewFiles(
        io,
        [
          [names.live, texts.live],
          [names.kept, texts.kept],
        ],
        () =>
          using(open(false), (host) => makeArrival(host, arrival, live, args.get(expires) ?? HOUR)),
      );
    }
    output.noteChange();
    const { devices } = arrival;
    output.report(
      'migrate-xml',
      { domain: leaving.domain, to: uri, devices, xml: texts.live, persistentXml: texts.kept },
      () => (names.live === undefined && !args.get(dryRunOption) ? texts.live : ''),
    );
    if (names.live === undefined && !args.get(dryRunOption)) return;
    for (const { from, uuid, type, parent } of devices) {
      output.tell(messages.arrived(from, uuid, type, parent));
    }
  },
};

/** Works with a connection, and closes it. */
async function using<T>(
  opening: Promise<Connection>,
  work: (host: Connection) => Promise<T>,
): Promise<T> {
  const host = await opening;
  try {
    return await work(host);
  } finally {
    await host.close();
  }
}

/**
 * Writes new files, then does what they are for. When that fails they go away again, but after a lost connection: what is there
 * decides then whether they are needed.
 */
async function withNewFiles(
  io: Io,
  files: readonly (readonly [name: string | undefined, text: string])[],
  work: () => Promise<void>,
): Promise<void> {
  const written: string[] = [];
  try {
    for (const [name, text] of files) {
      if (name === undefined) continue;
      await writeNewFile(io, name, text);
      written.push(name);
    }
    await work();
  } catch (error) {
    const isUnknown = error instanceof NodedevError && error.code === 'connection-lost';
    if (!isUnknown) await removeFiles(io, written);
    throw error;
  }
}
