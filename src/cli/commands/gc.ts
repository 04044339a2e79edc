import type { Orphan } from '../../engine/results.ts';
import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { dryRunOption, jsonOption, wholeNumberOption } from '../options.ts';
import { EXIT } from '../exit-codes.ts';
import { issueData } from '../report-error.ts';

const olderThan = wholeNumberOption('older-than', 'leave younger devices alone; default 60', {
  placeholder: 'SECONDS',
});

export const command: Command = {
  changes: true,
  arguments: [],
  options: [dryRunOption, olderThan, jsonOption],
  description:
    "An orphan is a group that virt-nodedev created, with no device defined or open, that no domain has claimed and no file of libvirt's names. Each is destroyed on its own; when one cannot be, the exit code is 1. What is remembered of devices that others removed is forgotten.",
  examples: [
    ['gc --dry-run', 'what nobody has, and why it counts as that'],
    ['gc --older-than 3600', 'destroy what nobody has taken for an hour'],
  ],
  failure: () => messages.gcFailed,

  async run({ args, connect, output }) {
    const isDry = args.get(dryRunOption);
    const options = { olderThan: args.get(olderThan) };
    const { orphans, failed, forgotten } = await (await connect()).gc(options);
    if (forgotten.length > 0) output.noteChange();
    output.report(
      'gc',
      {
        orphans,
        failed: failed.map(({ orphan, error }) => ({ orphan, error: issueData(error) })),
        forgotten,
      },
      () => '',
    );
    for (const orphan of orphans) {
      for (const { name } of orphan.devices) {
        output.tell(reason(orphan, name));
        output.tell(messages.destroyed(name));
      }
    }
    for (const name of forgotten) output.tell(messages.forgotten(name, isDry));
    for (const { orphan, error } of failed) {
      output.failure(messages.destroyGroupFailed(orphan.group), error);
    }
    if (orphans.length + failed.length + forgotten.length === 0) output.tell(messages.noOrphans);
    return failed.length === 0 ? 0 : EXIT.failure;
  },
};

const reason = ({ group, age }: Orphan, device: string): string =>
  messages.orphanFound(device, group, age === undefined ? '' : messages.createdAgo(age));
