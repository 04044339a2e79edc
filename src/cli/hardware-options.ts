import { flagOption, numberOption, requiredOption } from './options.ts';

/** A device of the host's profile, which may not be plugged in: no name to complete from the host. */
export const absentDevice = requiredOption('device', "name of a device of the host's profile", {
  completion: [],
});

/** One that is there. */
export const presentDevice = requiredOption('device', "name of a device of the host's profile", {
  completion: 'parent',
});

/** One whose driver is bound or unbound. */
export const drivenDevice = requiredOption(
  'device',
  "name of a device of the host's profile, or of a mediated device",
  { completion: 'device' },
);

/** What becomes of mediated devices in use when hardware leaves a simulated host; without, it is refused. */
export const force = flagOption('force', 'take devices in use from their VMs');
export const wait = numberOption(
  'wait',
  'create nothing from now on, and wait for devices in use to be closed',
  { placeholder: 'SECONDS' },
);
