import { type Issue, type Location, NodedevError } from '../errors.ts';

/** The sentences of fleets. */

const FORMS =
  'a fleet is <fleet> with <host name= uri=>, an Ansible inventory, or the configuration of ssh';

export function notText(file: string | undefined, cause: unknown): NodedevError {
  return new NodedevError('fleet-invalid', `${file ?? '<input>'} is no UTF-8 text`, {
    hint: FORMS,
    cause,
  });
}

/** @param what what is wrong, as a sentence without its full stop */
export function fleetInvalid(
  what: string,
  location?: Location,
  hint: string = FORMS,
): NodedevError {
  return new NodedevError('fleet-invalid', what, { location, hint });
}

export const notYaml = (
  file: string | undefined,
  reason: string,
  location?: Location,
): NodedevError => fleetInvalid(`${file ?? '<input>'} is no YAML: ${reason}`, location);

export const noFleet = (root: string, location?: Location): NodedevError =>
  fleetInvalid(`unexpected root element <${root}>: expected <fleet>`, location);

export const hostTwice = (name: string, location?: Location): NodedevError =>
  fleetInvalid(`two hosts are called '${name}'`, location, 'give each a name of its own');

export const nameRefused = (name: string, location?: Location): NodedevError =>
  fleetInvalid(
    `'${name}' is no name of a host`,
    location,
    'letters, digits, dots, hyphens and underscores; the first is a letter or digit',
  );

/** @param what `ansible_user` */
export const variableRefused = (
  host: string,
  what: string,
  value: string,
  location?: Location,
): NodedevError =>
  fleetInvalid(
    `${what} of host '${host}' cannot be used: '${value}'`,
    location,
    value.includes('{{')
      ? '`ansible-inventory --list --yaml` prints an inventory without templates'
      : 'it becomes a part of an ssh: URI; virt_nodedev_uri names another one',
  );

export const tooManyHosts = (most: number, location?: Location): NodedevError =>
  fleetInvalid(`more than ${most} hosts`, location, 'divide the fleet');

export function includeLeft(file: string, location: Location): Issue {
  return {
    code: 'fleet-invalid',
    severity: 'warning',
    message: `the hosts of the included '${file}' are left out`,
    location,
    hint: 'name that file instead, or list the hosts in a fleet.xml',
  };
}

export function notReached(host: string, seconds: number): NodedevError {
  return new NodedevError('host-unreached', `host '${host}' did not answer within ${seconds} s`, {
    hint: 'what it has is unknown: nothing of it is free, and what was begun there may be done or not',
  });
}
