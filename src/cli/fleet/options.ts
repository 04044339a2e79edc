import { listOption, numberOption, type Option, textOption } from '../options.ts';

export const fleetOption = textOption(
  'fleet',
  'on many hosts: a fleet.xml or a folder of them, an Ansible inventory, or the configuration of ssh',
  { placeholder: 'FILE' },
);
export const hostOption = listOption(
  'host',
  'with --fleet: only hosts with this name or label; may be repeated',
  { placeholder: 'NAME|LABEL', completion: [] },
);
export const hostTimeoutOption = numberOption(
  'host-timeout',
  'with --fleet: a host that has not answered after so long is unknown; default 30, of apply 300',
  { placeholder: 'SECONDS', completion: [] },
);

/** Shared by the commands that work on many hosts. */
export const fleetOptions: readonly Option<unknown>[] = [
  fleetOption,
  hostOption,
  hostTimeoutOption,
];
