import { importTypes } from '../../host/capture/import-types.ts';
import type { Command } from '../command.ts';
import { readSource } from '../files.ts';
import * as messages from '../messages.ts';
import { jsonOption, requiredOption } from '../options.ts';
import { printCapture, profileName } from './sim-capture.ts';

const listing = requiredOption('file', 'what mdevctl types printed, as text or JSON; - is stdin');

export const command: Command = {
  arguments: [listing],
  options: [profileName, jsonOption],
  description:
    'What such a list does not say is assumed, and said on standard error: paths, PCI ids, settings, and which parents are the virtual functions of one device.',
  examples: [
    ['sim import types.txt > host.xml', 'a host that somebody showed'],
    ['sim import - --name rack7', 'of mdevctl types --dumpjson on the other machine'],
  ],
  failure: (args) => messages.importFailed(args.get(listing)),

  async run({ args, io, output }) {
    const { text } = await readSource(io, args.get(listing));
    printCapture(
      output,
      'sim-import',
      args.get(jsonOption),
      importTypes(text, { name: args.get(profileName) }),
    );
  },
};
