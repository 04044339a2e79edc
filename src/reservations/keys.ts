import type { DomainRef } from '../policy/domain-ref.ts';
import { UNSAFE_IN_NAMES } from '../terminal-text.ts';
import { nameUnusable } from './messages.ts';

/** All keys begin so. The number grows when values of before could not be read any more. */
export const PREFIX = '/virt-nodedev/v1/';
/** The hosts' own keys, below a folder for each. */
export const HOSTS = `${PREFIX}hosts/`;

/** Where a domain's reservation is: its host. No two can be made for one name. */
export const reservationKey = (domain: string): string => `${PREFIX}reservations/${domain}`;
/** A device's owner. It hangs on no lease: what dies, dies without freeing a running VM's device. */
export const claimKey = (uuid: string): string => `${PREFIX}claims/${uuid}`;

export interface HostKeys {
  readonly all: string;
  /** The host's inventory. */
  readonly inventory: string;
  /** Words by which it is chosen. */
  readonly labels: string;
  /** It hangs on the agent's lease, and says nothing but that the agent lives. */
  readonly alive: string;
  /** The agent that may write for this host: the one that began last. */
  readonly session: string;
  /** What the agent could not do. */
  readonly report: string;
  /** Written with each removal of a reservation, so that all changes of a host are seen in its keys' revisions. */
  readonly removed: string;
  /** What domains are to have on this host, a key for each. */
  readonly desired: string;
}

export const isHostName = (name: string): boolean => /^[\da-z][\w.-]{0,252}$/iu.test(name);

/** @throws NodedevError `request-invalid` */
export function hostKeys(host: string): HostKeys {
  if (!isHostName(host)) throw nameUnusable('host', host);
  const all = `${HOSTS}${host}/`;
  return {
    all,
    inventory: `${all}inventory`,
    labels: `${all}labels`,
    alive: `${all}alive`,
    session: `${all}session`,
    report: `${all}report`,
    removed: `${all}removed`,
    desired: `${all}desired/`,
  };
}

export const isLabel = (label: string): boolean => /^\w[\w.-]{0,252}$/u.test(label);

/** @throws NodedevError `request-invalid` */
export function checkLabel(label: string): void {
  if (!isLabel(label)) throw nameUnusable('label', label);
}

/** The group of a domain's devices on their host: what is in it was made by an agent, and only that is destroyed by one. */
export const groupOf = ({ name }: DomainRef): string => `${GROUP}${name}`;
export const isGroupOfAgents = (group: string): boolean => group.startsWith(GROUP);

const GROUP = 'fleet:';

/** Whether a name can be a part of keys and of groups. */
export const isDomainName = (name: string): boolean =>
  /^[^/.-][^/]{0,119}$/u.test(name) && !UNSAFE_IN_NAMES.test(name);

/** @throws NodedevError `request-invalid` */
export function checkDomainName(name: string): void {
  if (!isDomainName(name)) throw nameUnusable('domain', name);
}
