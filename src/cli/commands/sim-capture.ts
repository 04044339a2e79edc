import type { HostCapture } from '../../host/capture/assemble.ts';
import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { flagOption, jsonOption, textOption } from '../options.ts';
import type { Output } from '../output.ts';

export const profileName = textOption('name', "the profile's name", {
  placeholder: 'NAME',
  completion: [],
});
const anonymize = flagOption(
  'anonymize',
  'replace uuids, serial numbers and names of the computer',
);

export const command: Command = {
  arguments: [],
  options: [profileName, anonymize, jsonOption],
  description:
    'The profile has the devices, cards and types, not the mediated devices. Settings of cards are inferred from what is left of each type. What is assumed or left out is said on standard error; with --json, profile and caveats are one report.',
  examples: [
    ['sim capture > host.xml', 'this machine, for sim init --profile ./host.xml'],
    ['-c sysfs:///srv/rack7 sim capture --anonymize', 'a copy of a sysfs, for others'],
  ],
  failure: () => messages.captureFailed,

  async run({ args, connect, output }) {
    const host = await connect();
    const options = { name: args.get(profileName), anonymize: args.get(anonymize) };
    printCapture(output, 'sim-capture', args.get(jsonOption), await host.capture(options));
  },
};

/** Prints a profile for a file, and its caveats for the person; or both as JSON. */
export function printCapture(
  output: Output,
  name: 'sim-capture' | 'sim-import',
  asJson: boolean,
  capture: HostCapture,
): void {
  for (const caveat of capture.caveats) output.note(`note: ${caveat}`);
  if (asJson) output.report(name, capture);
  else output.printXml(capture.profile);
}
