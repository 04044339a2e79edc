import { flagOption, numberOption } from './options.ts';

/** What becomes of mediated devices in use when hardware leaves a simulated host; without, it is refused. */
export const force = flagOption('force', 'take devices in use from their VMs');
export const wait = numberOption(
  'wait',
  'create nothing from now on, and wait for devices in use to be closed',
  { placeholder: 'SECONDS' },
);
