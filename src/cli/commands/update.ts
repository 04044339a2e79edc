import type { UpdateOptions } from '../../engine/call-options.ts';
import type { Arguments, Command } from '../command.ts';
import { UsageError } from '../failures.ts';
import { readSource, sourceName } from '../files.ts';
import * as messages from '../messages.ts';
import { adoptOption, flagOption, dryRunOption, jsonOption, requiredOption } from '../options.ts';

const device = requiredOption('device', 'name or uuid of the device', { completion: 'device' });
const file = requiredOption('file', 'node device XML; - is standard input', {
  placeholder: 'FILE',
});
const live = flagOption('live', 'change the active device');
const config = flagOption('config', 'change its definition');
const current = flagOption('current', 'change the active device, else its definition (default)');

export const command: Command = {
  changes: true,
  arguments: [device, file],
  options: [live, config, current, adoptOption, dryRunOption, jsonOption],
  description:
    'Attributes and params become those of the XML, which has to be of the same device: uuid, parent and group stay, and so does the type, unless the device is a function that a VM does not use.',
  examples: [
    ['update 0695d332-7831-493f-9e71-1c85c8911a08 vgpu.xml --config', 'from its next start on'],
    [
      'update 0695d332-7831-493f-9e71-1c85c8911a08 vgpu.xml --live --config',
      'now, and from its next start on',
    ],
  ],
  failure: (args, { code }) =>
    code === 'device-unknown'
      ? messages.deviceNotFound(args.get(device))
      : messages.updateFailed(args.get(device), sourceName(args.get(file))),

  async run({ args, io, connect, output }) {
    const options = updateOptions(args);
    const source = await readSource(io, args.get(file));
    const done = await (await connect()).update(args.get(device), source, options);
    output.report('update', done);
    output.tell(messages.updated(done.device.name, done));
  },
};

function updateOptions(args: Arguments): UpdateOptions {
  for (const option of [live, config]) {
    if (args.get(current) && args.get(option)) {
      throw new UsageError(messages.exclusive(current.name, option.name));
    }
  }
  return { live: args.get(live), config: args.get(config), adopt: args.get(adoptOption) };
}
