import type { Location } from '../../errors.ts';
import { NodedevError } from '../../errors.ts';
import { nearMiss } from '../../suggest.ts';
import { libvirtSays } from '../../libvirt-sentences.ts';

/** The engine's own refusals about devices, groups and definitions. They are libvirt's sentences where it has one. */

export function connectionClosed(): NodedevError {
  return new NodedevError('connection-closed', 'the connection is closed', {
    hint: 'nothing was changed: connect again',
  });
}

export function deviceUnknown(name: string, known: readonly string[] = []): NodedevError {
  const near = nearMiss(name, known);
  return new NodedevError('device-unknown', libvirtSays('unknown', name), {
    hint: near === undefined ? "`list({ state: 'all' })` shows all" : `did you mean '${near}'?`,
  });
}

/** A group's name where a device's is expected. */
export const groupNoDevice = (group: string): NodedevError =>
  new NodedevError('device-unknown', libvirtSays('unknown', group), {
    hint: `'${group}' is a group: \`group('${group}')\` shows its devices`,
  });

/** A device of ours that is gone because another program took the type of its function, or gave it another. */
export const functionChanged = (
  name: string,
  parent: string,
  now: string | undefined,
): NodedevError =>
  new NodedevError('device-unknown', libvirtSays('unknown', name), {
    hint: changedBy(parent, now),
  });

/** What another program did to a function, and what to do. */
export const changedBy = (parent: string, now: string | undefined): string =>
  now === undefined
    ? `another program took the type of its function ${parent}: \`gc()\` forgets the device, and its document makes it again`
    : `another program gave its function ${parent} the type ${now}, and that device is not ours: \`gc()\` forgets ours`;

/** A device that is not mediated, so that we cannot change its state. @param says what libvirt says to that change */
export function notMediated(
  name: string,
  says: 'unsupported' | 'undefined' | 'active' = 'unsupported',
): NodedevError {
  return new NodedevError('unsupported-device', libvirtSays(says, name), {
    hint: `'${name}' is not mediated: \`list({ capabilities: ['mdev'], state: 'all' })\` shows what is`,
  });
}

export function deviceAmbiguous(name: string, candidates: readonly string[]): NodedevError {
  return new NodedevError('device-ambiguous', `'${name}' names ${candidates.length} devices`, {
    hint: `use one of: ${candidates.join(', ')}`,
  });
}

export function groupUnknown(name: string, groups: readonly string[]): NodedevError {
  const near = nearMiss(name, groups);
  return new NodedevError('group-unknown', `no group '${name}'`, {
    hint: near === undefined ? '`groups()` shows all' : `did you mean '${near}'?`,
  });
}

export function groupExists(group: string): NodedevError {
  return new NodedevError('group-exists', `group '${group}' already exists`, {
    hint: `\`addToGroup('${group}', devices)\` adds devices to it`,
  });
}

export function notInGroup(device: string, group: string): NodedevError {
  return new NodedevError('group-member', `'${device}' is not a member of group '${group}'`, {
    hint: `\`group('${group}')\` shows them`,
  });
}

export function hostNotSimulated(uri: string): NodedevError {
  return new NodedevError('host-not-simulated', `'${uri}' is not a simulated host`, {
    hint: "connect to one: `connect('sim:///DIR')` (made with `initSimulatedHost('DIR', 'NAME')`)",
  });
}

export function appearTimeout(path: string, seconds: number): NodedevError {
  return new NodedevError(
    'host-timeout',
    `the kernel accepted the device but ${path} did not appear within ${seconds} s`,
    { hint: 'see the kernel log (dmesg) for what its driver says' },
  );
}

export function domainUnknown(name: string): NodedevError {
  return new NodedevError('device-inactive', `no device is open in a domain '${name}'`, {
    hint: '`groups()` shows which domains have devices',
  });
}

export function hostdevWithoutUuid(location?: Location): NodedevError {
  return new NodedevError('domain-invalid', 'the mediated device of this <hostdev> has no uuid', {
    location,
    hint: "<source><address uuid='…'/></source> names the device",
  });
}

/** @param says what it is about: an undefine, the autostart, or an update of its definition */
export function deviceTransient(
  name: string,
  says: 'undefined' | 'noAutostart' | 'noConfig' = 'undefined',
): NodedevError {
  return new NodedevError('device-undefined', libvirtSays(says, name), {
    hint: `'${name}' has no definition: \`define(xml)\` makes a device persistent`,
  });
}

export function notPersistent(name: string): NodedevError {
  return new NodedevError('device-undefined', libvirtSays('notPersistent', name), {
    hint: 'it has no definition to show: leave the option `inactive` out',
  });
}

export function deviceActive(name: string): NodedevError {
  return new NodedevError('device-active', libvirtSays('active'), {
    hint: `${name} needs no start`,
  });
}

export function deviceNotActive(
  name: string,
  says: 'inactive' | 'noLiveState' = 'inactive',
): NodedevError {
  return new NodedevError('device-inactive', libvirtSays(says, name), {
    hint: `\`start('${name}')\` starts it`,
  });
}

export function groupActive(name: string): NodedevError {
  return new NodedevError('device-active', `All members of group '${name}' are already active`, {
    hint: `\`group('${name}')\` shows them`,
  });
}

export function groupNotActive(name: string): NodedevError {
  return new NodedevError('device-inactive', `No member of group '${name}' is active`, {
    hint: `\`startGroup('${name}')\` starts them`,
  });
}

export function severalDevices(location?: Location): NodedevError {
  return new NodedevError('nodedev-invalid', 'an update takes the XML of one device', {
    location,
    hint: 'update each device with a document of its own',
  });
}

/** A function may get another type while no VM has it. */
export const typeOfFunction = (name: string): string =>
  `\`update('${name}', xml)\` gives a function another type`;

/** @param isFunction whether it is a function, and only the type differs */
export function definitionMismatch(
  doing: 'update device' | 'define device',
  name: string,
  what: 'uuid' | 'type' | 'parent address',
  current: string,
  location?: Location,
  isFunction = false,
): NodedevError {
  return new NodedevError(
    'definition-mismatch',
    libvirtSays('mismatch', doing, name, what, what, current),
    {
      location,
      hint: isFunction
        ? typeOfFunction(name)
        : 'uuid, parent and type of a device stay: make another device instead',
    },
  );
}

export const typeAndGroup = (name: string, location?: Location): NodedevError =>
  new NodedevError('request-invalid', `${name}: type and group are not changed together`, {
    location,
    hint: 'change one, then the other',
  });

export function eventsLost(limit: number): NodedevError {
  return new NodedevError('events-lost', `more than ${limit} events wait to be read`, {
    hint: 'read events faster, or for one device only; then list what there is and begin again',
  });
}

/** The host is not as an inventory says. */
export function generationPassed(): NodedevError {
  return new NodedevError('plan-stale', 'the host has changed since its inventory was read', {
    hint: 'nothing was changed: `topology()` has the generation of now',
  });
}

export function planStale(): NodedevError {
  return new NodedevError('plan-stale', 'the host has changed since the plan was made', {
    hint: 'nothing was changed: make the plan anew and look at it again',
  });
}

export function operationInvalid(what: string): NodedevError {
  return new NodedevError('request-invalid', `no operation can be about ${what}`);
}

/** The beginning of a sentence about a device that is not created. @param parent its name */
export const creating = (uuid: string, type: string, parent: string): string =>
  `Unable to create mediated device ${uuid} (${type} on ${parent})`;

/** The beginning of a sentence about a device that is not changed. */
export const modifying = (name: string): string => `Unable to modify mediated device '${name}'`;

export const errnoUnknown = (word: string): NodedevError =>
  new NodedevError('request-invalid', `'${word}' is no errno`, {
    hint: "an errno is written as `EIO` or `ENOSPC`; with 'none' the call does nothing",
  });

/** virsh's sentence for a connection that was made with -r. */
/** Of what runs a program, or serves something until it is told to end. */
export const notRehearsed = (): NodedevError =>
  new NodedevError('read-only', 'operation forbidden: what it would run or serve is no dry run', {
    hint: 'connect without the option `dryRun`',
  });

export function readOnly(): NodedevError {
  return new NodedevError(
    'read-only',
    'operation forbidden: read only access prevents this change',
    {
      hint: 'connect without the option `readOnly`',
    },
  );
}
