import { NodedevError } from '../errors.ts';
import type { Card, Driver, DriverSetting } from './driver.ts';

/** The setting that every simulated card has: whether the devices of one VM must be in one group, as the proposal of 2016 says. */
const REQUIRES_GROUP: DriverSetting = {
  name: 'requires-group',
  default: 'no',
  words: ['no', 'yes'],
};

/**
 * The setting that every simulated card has: by which files its devices are opened, of those that its kernel knows. `group`: what
 * has no support for iommufd; `device`: a kernel without VFIO's groups. (RFC of device nodes beside groups, 2021: `group`, `nongroup`)
 */
const DEVICE_NODES: DriverSetting = {
  name: 'device-nodes',
  default: 'both',
  words: ['both', 'group', 'device'],
};

/** All settings of a driver's cards. Those that every card has are about VMs. */
export const settingsOf = ({ settings, deviceClass = 'vfio' }: Driver): readonly DriverSetting[] =>
  deviceClass === 'vfio' ? [...settings, REQUIRES_GROUP, DEVICE_NODES] : settings;

/** Whether a card takes several devices of one VM in one group only. */
export const requiresGroup = (card: Pick<Card, 'settings'>): boolean =>
  settingOf(card, REQUIRES_GROUP) === 'yes';

/** Whether a card's devices have a file of their IOMMU group's, and one of their own where the kernel knows that. */
export function deviceNodes(card: Pick<Card, 'settings'>): {
  readonly group: boolean;
  readonly own: boolean;
} {
  const nodes = settingOf(card, DEVICE_NODES);
  return { group: nodes !== 'device', own: nodes !== 'group' };
}

const NUMBER = /^[1-9]\d{0,8}$/;

/** The mistake in a card's setting, as a sentence; undefined: there is none. */
export function settingProblem(driver: Driver, name: string, value: string): string | undefined {
  const setting = settingsOf(driver).find((candidate) => candidate.name === name);
  if (setting) return valueProblem(setting, value);
  const known = settingsOf(driver).map((candidate) => candidate.name);
  return `driver ${driver.name} has no setting '${name}' (it has: ${known.join(', ')})`;
}

/** A setting's value on a card, or its default. Throws `profile-invalid` for a value that is not allowed. */
export function settingOf(card: Pick<Card, 'settings'>, setting: DriverSetting): string {
  const value = card.settings[setting.name] ?? setting.default;
  const problem = valueProblem(setting, value);
  if (problem !== undefined) throw new NodedevError('profile-invalid', problem);
  return value;
}

/** {@link settingOf} for a number: a number from 1. */
export function numberSetting(card: Card, setting: DriverSetting): number {
  return Number(settingOf(card, setting));
}

function valueProblem(setting: DriverSetting, value: string): string | undefined {
  if (setting.words) {
    if (setting.words.includes(value)) return undefined;
    return `setting '${setting.name}' is '${value}', but takes ${setting.words.join(', ')}`;
  }
  if (setting.text) {
    if (setting.text.isValid(value)) return undefined;
    return `setting '${setting.name}' is '${value}', but takes ${setting.text.expected}`;
  }
  if (NUMBER.test(value)) return undefined;
  return `setting '${setting.name}' is '${value}', but takes a decimal number from 1 to 999999999`;
}
