import { type Issue, NodedevError } from '../errors.ts';
import { hostsText } from '../fleet/messages.ts';

export { readOnly } from '../engine/wording/messages.ts';

export function nameUnusable(what: 'host' | 'label' | 'domain', name: string): NodedevError {
  return new NodedevError('request-invalid', `'${name}' cannot be the name of a ${what} here`, {
    hint:
      what !== 'domain'
        ? 'letters, digits, dots, hyphens and underscores'
        : '120 characters at most, none of them / or a control character, and no . or - at the beginning',
  });
}

/** A value in etcd that this program does not read. */
export function recordInvalid(key: string, what: string, cause?: unknown): NodedevError {
  return new NodedevError('record-invalid', `${key} in etcd cannot be read: ${what}`, {
    hint: 'it was written by a newer virt-nodedev, or by another program: nothing is done about it',
    cause,
  });
}

export function replaced(host: string): NodedevError {
  const message = `another agent has taken over the host '${host}'`;
  return new NodedevError('agent-replaced', message, {
    hint: 'this one does nothing any more: each host has a name of its own, and one agent',
  });
}

export function reservationExists(domain: string, host: string): NodedevError {
  const message = `the domain '${domain}' has a reservation on ${host} already`;
  return new NodedevError('reservation-exists', message, {
    hint: 'release it first, or take it as it is: after an answer that was lost it may be this one',
  });
}

export function reservationUnknown(domain: string): NodedevError {
  return new NodedevError('reservation-unknown', `the domain '${domain}' has no reservation`);
}

/** @param reasons with the hosts of each */
export function noHost(
  domain: string,
  reasons: readonly (readonly [reason: string, hosts: readonly string[]])[],
): NodedevError {
  const message = `no host has room for the devices of the domain '${domain}'`;
  return new NodedevError('reservation-refused', message, {
    hint: 'hosts whose agent does not live are unknown, never free',
    issues: reasons.map(([reason, hosts]) => ({
      code: 'reservation-refused',
      message: `${hostsText(hosts)}: ${reason}`,
      severity: 'notice',
    })),
  });
}

export const noSuchHost = 'no host has this name or label';

export function contended(domain: string, times: number): NodedevError {
  const message = `the hosts changed ${times} times while room for the domain '${domain}' was looked for`;
  return new NodedevError('reservation-refused', message, { hint: 'try again' });
}

export function deviceCount(domain: string, most: number): NodedevError {
  const message = `the domain '${domain}' asks for no devices, or for more than the ${most} of one transaction`;
  return new NodedevError('request-invalid', message);
}

export function reservationReleased(domain: string): NodedevError {
  const message = `the reservation of the domain '${domain}' is released already`;
  return new NodedevError('reservation-refused', message, {
    hint: 'it ends when its devices are destroyed; then reserve again',
  });
}

/** After another domain of the same call got no room. */
export function releasedAgain(domain: string, host: string): Issue {
  const message = `the reservation of the domain '${domain}' on ${host} was released again`;
  return { code: 'undone', message, severity: 'notice' };
}

export function notReleased(domain: string, host: string, reason: string): Issue {
  const message = `the reservation of the domain '${domain}' on ${host} is left: ${reason}`;
  return { code: 'undo-failed', message, severity: 'error', hint: 'release it' };
}

export function stillLives(host: string): NodedevError {
  return new NodedevError('reservation-refused', `the agent of ${host} lives`, {
    hint: 'release without forgetting: the agent destroys the devices, and then the reservation ends',
  });
}

/** Devices that an agent made, of a domain without a reservation. */
export function strayGroup(group: string) {
  return {
    domain: group.slice(group.indexOf(':') + 1),
    code: 'reservation-unknown' as const,
    message: `the group '${group}' is there, and etcd has no reservation for it`,
    hint: 'an agent destroys only what is released: destroy the group on the host when it is not needed',
  };
}

/** What a plan would do on the host that an agent does not do. */
export function notForAgents(domain: string, what: string): Issue {
  return {
    code: 'reservation-refused',
    message: `domain '${domain}': ${what}`,
    severity: 'error',
    hint: 'an agent only creates devices with uuids that the host does not know, and destroys those it made',
  };
}
