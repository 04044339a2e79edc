import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import {
  flagOption,
  hotplugOption,
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

export const command: Command = {
  changes: true,
  arguments: [file],
  options: [
    ...deviceOptions,
    validate,
    hotplugOption,
    ifNotExistsOption,
    ifGenerationOption,
    dryRunOption,
    jsonOption,
  ],
  description:
    'Devices of several files, or of several types in one file, become one group: all of them are created, or none. Other devices than mediated ones, such as virtual host adapters (scsi_host), are made by virsh.',
  examples: [
    ['create vgpu.xml', 'one vGPU'],
    ['create vgpu.xml vgpu-second.xml', 'two vGPUs as one group'],
    ['create - < vgpu.xml', 'from standard input'],
    ['create --parent pci_0000_86_00_0 --type nvidia-18', 'without XML'],
  ],
  failure: (args) => messages.createFailed(requestedName(args, file)),

  async run({ args, io, connect, output }) {
    const wanted = await requestedDocuments(args, 'nodedev-create', file, io);
    if ('xml' in wanted) {
      output.printXml(wanted.xml);
      return;
    }
    const { sources, names } = wanted;
    const created = await (await connect()).create(sources, {
      validate: args.get(validate),
      allowHotplug: args.get(hotplugOption),
      ifNotExists: args.get(ifNotExistsOption),
      ifGeneration: args.get(ifGenerationOption),
    });
    const isOneEach = names.length === created.devices.length;
    output.report('create', created);
    for (const [index, { name }] of created.devices.entries()) {
      const source = isOneEach ? names[index] : undefined;
      output.tell(
        args.get(ifNotExistsOption)
          ? messages.isThere(name)
          : messages.created(name, source ?? names.join(', ')),
      );
    }
  },
};
