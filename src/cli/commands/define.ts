import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import {
  adoptOption,
  flagOption,
  dryRunOption,
  ifGenerationOption,
  ifNotExistsOption,
  jsonOption,
  listOption,
} from '../options.ts';
import { deviceOptions, requestedDocuments, requestedName } from '../requested-device.ts';

const file = listOption('file', 'node device XML; - is standard input', {
  placeholder: 'FILE',
});
const validate = flagOption('validate', 'check the XML against the schema first');
const autostart = flagOption('autostart', 'start the devices when their parent appears');

export const command: Command = {
  changes: true,
  arguments: [file],
  options: [
    ...deviceOptions,
    validate,
    autostart,
    adoptOption,
    ifNotExistsOption,
    ifGenerationOption,
    dryRunOption,
    jsonOption,
  ],
  description:
    "The definitions are mdevctl's files, which libvirt and mdevctl see too; those of functions with a type are virt-nodedev's own, since mdevctl knows none. Devices of several files become one group: all of them are defined, or none. Active devices stay active; a definition that exists is changed, and its autostart stays.",
  examples: [
    ['define vgpu.xml', 'make a vGPU persistent, without starting it'],
    ['define --parent pci_0000_86_00_0 --type nvidia-18 --print', 'the XML of a vGPU'],
    ['define vgpu.xml vgpu-second.xml --autostart', 'two vGPUs, started at every boot'],
  ],
  failure: (args) => messages.defineFailed(requestedName(args, file)),

  async run({ args, io, connect, output }) {
    const wanted = await requestedDocuments(args, 'nodedev-define', file, io);
    if ('xml' in wanted) {
      output.printXml(wanted.xml);
      return;
    }
    const { sources, names } = wanted;
    const devices = await (await connect()).define(sources, {
      validate: args.get(validate),
      autostart: args.get(autostart),
      adopt: args.get(adoptOption),
      ifNotExists: args.get(ifNotExistsOption),
      ifGeneration: args.get(ifGenerationOption),
    });
    const isOneEach = names.length === devices.length;
    output.report('define', { devices });
    for (const [index, { name, autostart: isOn }] of devices.entries()) {
      const source = isOneEach ? names[index] : undefined;
      output.tell(
        args.get(ifNotExistsOption)
          ? messages.isThere(name)
          : messages.defined(name, source ?? names.join(', ')),
      );
      if (isOn && !args.get(autostart)) output.tell(messages.autostartKept(name));
    }
  },
};
