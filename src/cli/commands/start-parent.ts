import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { jsonOption, numberOption, requiredOption } from '../options.ts';
import { EXIT } from '../exit-codes.ts';
import { issueData } from '../report-error.ts';

const parent = requiredOption(
  'parent',
  'name or sysfs name of the parent, or of a GPU with functions',
  {
    completion: 'parent',
  },
);

const wait = numberOption(
  'wait',
  'how long to wait for the parent or the functions, and for types',
  {
    placeholder: 'SECONDS',
  },
);

export const command: Command = {
  changes: true,
  arguments: [parent],
  options: [wait, jsonOption],
  description:
    'For udev: samples/udev and samples/systemd have a rule and a unit that run it when a parent appears. A group whose devices cannot be started does not keep others from starting; each device that failed is named, and the exit code is 1.',
  examples: [
    ['start-parent 0000:86:00.0', 'start what is marked for autostart on a GPU'],
    ['start-parent 0000:42:00.0 --wait 60', 'once its virtual functions are on and have types'],
  ],
  failure: (args) => messages.startParentFailed(args.get(parent)),

  async run({ args, connect, output }) {
    const { started, failed } = await (await connect()).startParent(args.get(parent), {
      wait: args.get(wait),
    });
    output.report(
      'start-parent',
      { started, failed: failed.map(({ device, error }) => ({ device, error: issueData(error) })) },
      () => '',
    );
    for (const { name } of started) output.tell(messages.started(name));
    for (const { device, error } of failed)
      output.failure(messages.startDeviceFailed(device.name), error);
    return failed.length === 0 ? 0 : EXIT.failure;
  },
};
