import { resolve } from 'node:path';
import { initHost } from '../../engine/init-host.ts';
import type { Command } from '../command.ts';
import { readSource } from '../files.ts';
import type { Io } from '../io.ts';
import * as messages from '../messages.ts';
import {
  allowDriverOption,
  choiceOption,
  dryRunOption,
  jsonOption,
  readonlyOption,
  requiredOption,
} from '../options.ts';

const directory = requiredOption('directory', 'where to create it; absent or empty');
const profile = requiredOption('profile', 'name of a profile (see sim profiles), or a file', {
  completion: 'profile',
  placeholder: 'NAME|FILE',
});

const layout = choiceOption('layout', ['v7'], 'the files of types and devices proposed in 2016');

export const command: Command = {
  changes: true,
  arguments: [directory],
  options: [profile, layout, dryRunOption, jsonOption],
  examples: [
    ['sim init /tmp/host --profile nvidia-m60', 'a host with one Tesla M60'],
    ['sim init /tmp/old --profile nvidia-m60 --layout v7', 'the same one, years before'],
    [
      'sim init /tmp/host --profile ./lamps.xml --allow-driver',
      'a profile that brings its own driver',
    ],
  ],
  failure: (args) => messages.initFailed(args.get(directory)),

  async run({ args, io, output }) {
    const folder = resolve(io.cwd, args.get(directory));
    const { text, file } = await readProfile(io, args.get(profile));
    const profileName = await initHost(folder, text, {
      file,
      cwd: io.cwd,
      layout: args.get(layout),
      dryRun: args.get(dryRunOption),
      readOnly: args.get(readonlyOption),
      profileDrivers: args.get(allowDriverOption) ? 'all' : undefined,
    });
    const uri = `sim://${folder}`;
    output.noteChange();
    output.report('sim-init', { uri, profile: profileName });
    output.tell(messages.hostCreated(args.get(directory), profileName));
    output.tell(messages.hostUri(uri));
  },
};

/** Reads the profile. An argument with a `/` or a `.`, or `-`, is a file; others are names of profiles. */
async function readProfile(
  io: Io,
  word: string,
): Promise<{ readonly text: string | Uint8Array; readonly file?: string | undefined }> {
  return /[./]|^-$/u.test(word) ? readSource(io, word) : { text: word };
}
