import type { Command } from '../command.ts';
import { readHookDomain, readStartingDomain } from '../../domain/hook-domain.ts';
import { readSource, STANDARD } from '../files.ts';
import * as messages from '../messages.ts';
import { dryRunOption, jsonOption, requiredOption, textOption } from '../options.ts';

const guest = requiredOption('guest', 'name of the domain', { completion: 'domain' });
const operation = requiredOption('operation', 'prepare, release, …', {
  completion: ['prepare', 'release'],
});
const phase = requiredOption('phase', 'begin, end or -', { completion: ['begin', 'end'] });
const extra = textOption('extra', 'why the domain has stopped, or -', { completion: [] });

/** The two calls that are handled. libvirt calls its script for other operations, too. */
const PREPARE = 'prepare begin';
const RELEASE = 'release end';

export const command: Command = {
  changes: true,
  arguments: [guest, operation, phase, extra],
  options: [dryRunOption, jsonOption],
  description:
    "For samples/libvirt-hooks/qemu: takes libvirt's arguments, and the domain's XML from standard input. Before the domain starts (prepare begin), its devices that are not active are started from their definitions, all or none, and their groups are its own until it stops; a failure keeps it from starting, and so does XML that is not whole, of another domain, or unclear about a host device. After it (release end), the groups are taken back, and the devices that were started for it stopped. At every other operation it does and prints nothing.",
  examples: [
    ['libvirt-hook desktop prepare begin -', 'before the domain starts'],
    ['libvirt-hook desktop release end shutdown', 'after it has stopped'],
  ],
  failure: (args) =>
    args.get(operation) === 'prepare'
      ? messages.prepareFailed(args.get(guest))
      : messages.releaseDomainFailed(args.get(guest)),

  async run({ args, io, connect, output }) {
    output.printExactly(''); // for migrate and restore, libvirt replaces the domain's XML by the output
    const about = {
      domain: args.get(guest),
      operation: args.get(operation),
      phase: args.get(phase),
    };
    const moment = `${about.operation} ${about.phase}`;
    const handled = moment === PREPARE || moment === RELEASE;
    if (handled) {
      const source = await readSource(io, STANDARD);
      const options = { file: source.file, guest: about.domain };
      if (moment === RELEASE) {
        readHookDomain(source.text, options);
        await (await connect()).releaseDomain(source);
      } else {
        const { mdevs, functions } = readStartingDomain(source.text, options);
        // Most domains have neither mediated devices nor a whole GPU, and do not wait for a connection.
        if (mdevs.length + functions.length > 0) await (await connect()).prepareDomain(source);
      }
    }
    if (args.get(jsonOption)) output.answer('libvirt-hook', { ...about, handled });
  },
};
