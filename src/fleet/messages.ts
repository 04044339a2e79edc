import { type Issue, type Location, NodedevError } from '../errors.ts';

import type { HostChoice } from './fleet.ts';

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

export const hostIsTwo = (name: string, other: string): NodedevError =>
  fleetInvalid(
    `'${name}' and '${other}' are one host, which would be counted twice`,
    undefined,
    'leave one of them out, or choose with --host',
  );

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

// Of desired states on many hosts.

export function hostsDiffer(
  unit: string,
  hosts: readonly string[],
  location?: Location,
): NodedevError {
  return new NodedevError(
    'request-invalid',
    `'${unit}' is to be on several hosts: ${hosts.join(', ')}`,
    { location, hint: 'the devices of a group or a domain are on one host' },
  );
}

export function onSeveral(
  unit: string,
  hosts: readonly string[],
  location?: Location,
): NodedevError {
  return new NodedevError('uuid-exists', `'${unit}' is on several hosts: ${hosts.join(', ')}`, {
    location,
    hint: 'if these are names of one host, leave out all but one of them; if not, destroy its devices on all hosts but one',
  });
}

export function onAnother(unit: string, host: string, location?: Location): NodedevError {
  return new NodedevError('uuid-exists', `'${unit}' is on host '${host}', where it is not to be`, {
    location,
    hint: 'destroy its devices there first: they do not move',
  });
}

export function noHostFor(unit: string, choice: HostChoice, location?: Location): NodedevError {
  return new NodedevError(
    'parent-unknown',
    `no host for '${unit}': none is ${choiceText(choice)}`,
    {
      location,
      hint: '`list --fleet FILE --json` has the names and labels of the hosts',
    },
  );
}

function choiceText({ name, labels }: HostChoice): string {
  const called = name === undefined ? [] : [`called '${name}'`];
  const labelled = labels.map((label) => `labelled '${label}'`);
  return [...called, ...labelled].join(' and ') || 'in the fleet';
}

export function waits(unit: string, host: string, location?: Location): NodedevError {
  return new NodedevError('host-unreached', `'${unit}' waits: host '${host}' was not reached`, {
    location,
    hint: 'apply again when it is there',
  });
}

export function maybeThere(
  unit: string,
  hosts: readonly string[],
  location?: Location,
): NodedevError {
  return new NodedevError(
    'host-unreached',
    `'${unit}' may be on a host that was not reached: ${hosts.join(', ')}`,
    {
      location,
      hint: 'name its host, choose hosts with --host, or say with --record FILE where it was sent before',
    },
  );
}

export function hostNeeded(unit: string, why: string, location?: Location): NodedevError {
  return new NodedevError('parent-missing', `no host can be chosen for '${unit}': it ${why}`, {
    location,
    hint: "name its host: <host name='NAME'/>",
  });
}

export function usedNowhere(
  unit: string,
  uuids: readonly string[],
  location?: Location,
): NodedevError {
  return new NodedevError(
    'device-inactive',
    `'${unit}' uses what no host has and no document describes: ${uuids.join(', ')}`,
    { location },
  );
}

export const takenByOthers = 'its room goes to others of this desired state';

export function noRoomAnywhere(
  unit: string,
  reasons: readonly (readonly [reason: string, hosts: readonly string[]])[],
  location?: Location,
): NodedevError {
  const told = reasons.map(([reason, hosts]) => `${hostsText(hosts)}: ${reason}`);
  return new NodedevError('no-instances', `no host has room for '${unit}'`, {
    location,
    hint: told.join('; ') || 'every host refused it',
  });
}

const MOST_NAMED = 20;

/** Names of hosts; of many, how many more there are. */
export function hostsText(hosts: readonly string[]): string {
  const more = hosts.length - MOST_NAMED;
  const named = hosts.slice(0, MOST_NAMED).join(', ');
  return more > 0 ? `${named} and ${more} more` : named;
}

export function recordInvalid(file: string | undefined, cause?: unknown): NodedevError {
  return new NodedevError(
    'plan-invalid',
    `${file ?? '<input>'} is no record of where devices were sent`,
    {
      hint: 'name a file that `apply --fleet --record FILE` wrote, or one that is not there yet',
      cause,
    },
  );
}
