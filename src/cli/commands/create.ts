import type { Command } from '../command.ts';
import { readSources, sourceName } from '../files.ts';
import * as messages from '../messages.ts';
import { flagOption, hotplugOption, jsonOption, listOption } from '../options.ts';

const file = listOption('file', 'node device XML; - is standard input', {
  required: true,
  placeholder: 'FILE',
});
const validate = flagOption('validate', 'check the XML against the schema first');

export const command: Command = {
  arguments: [file],
  options: [validate, hotplugOption, jsonOption],
  description:
    'Devices of several files, or of several types in one file, become one group: all of them are created, or none.',
  examples: [
    ['create vgpu.xml', 'one vGPU'],
    ['create vgpu.xml vgpu-second.xml', 'two vGPUs as one group'],
    ['create - < vgpu.xml', 'from standard input'],
  ],
  failure: (args) => messages.createFailed(args.get(file).map(sourceName).join(', ')),

  async run({ args, io, connect, output }) {
    const files = args.get(file);
    const sources = await readSources(io, files);
    const created = await (await connect()).create(sources, {
      validate: args.get(validate),
      allowHotplug: args.get(hotplugOption),
    });
    const names = files.map(sourceName);
    const isOneEach = names.length === created.devices.length;
    output.report(created, () => '');
    for (const [index, { name }] of created.devices.entries()) {
      const source = isOneEach ? names[index] : undefined;
      output.tell(messages.created(name, source ?? names.join(', ')));
    }
  },
};
