import type { Command } from '../command.ts';
import { UsageError } from '../failures.ts';
import * as messages from '../messages.ts';
import { choiceOption, flagOption, jsonOption, requiredOption, textOption } from '../options.ts';

const device = requiredOption('device', 'name or uuid of the device', { completion: 'device' });
const dialect = choiceOption(
  'dialect',
  ['extended', 'libvirt', 'thread'],
  "form of the XML: libvirt's, libvirt's with groups and what types have (default), or the thread's",
);
const inactive = flagOption('inactive', 'the definition instead of the active device');
const xpath = textOption('xpath', 'only the nodes this XPath expression finds', {
  placeholder: 'EXPR',
});
const wrap = flagOption('wrap', 'with --xpath: put the nodes into one element');

export const command: Command = {
  arguments: [device],
  options: [dialect, inactive, xpath, wrap, jsonOption],
  examples: [
    ['dumpxml mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0', 'a vGPU'],
    ['dumpxml pci_0000_86_00_0 --dialect thread', 'a GPU with all its types'],
    ["dumpxml pci_0000_86_00_0 --xpath '//type/@id'", 'only the ids of its types'],
  ],
  failure: (args, { code }) =>
    code === 'device-unknown' ? messages.deviceNotFound(args.get(device)) : undefined,

  async run({ args, connect, output }) {
    const expression = args.get(xpath);
    if (expression !== undefined && args.get(jsonOption)) {
      throw new UsageError(messages.exclusive(xpath.name, jsonOption.name));
    }
    const host = await connect();
    const name = args.get(device);
    const options = { dialect: args.get(dialect), inactive: args.get(inactive) };
    if (args.get(jsonOption)) {
      output.report('dumpxml', await host.lookup(name, options));
      return;
    }
    output.printXml(
      await host.dumpxml(name, { ...options, xpath: expression, wrap: args.get(wrap) }),
    );
  },
};
