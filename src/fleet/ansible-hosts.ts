import type { Location } from '../errors.ts';
import type { Fleet, FleetHost } from './fleet.ts';
import { nameRefused, tooManyHosts, variableRefused } from './messages.ts';

/** A group of an Ansible inventory, as one of its two forms has it. */
export interface AnsibleGroup {
  readonly hosts: Map<string, Variables>;
  readonly variables: Map<string, string>;
  readonly children: Set<string>;
}

export type Variables = ReadonlyMap<string, string>;
export type AnsibleGroups = Map<string, AnsibleGroup>;

/** The most hosts of one fleet. */
export const MOST_HOSTS = 10_000;

/** The group of this name, which is made when there is none. */
export function groupIn(groups: AnsibleGroups, name: string): AnsibleGroup {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const made = { hosts: new Map(), variables: new Map(), children: new Set<string>() };
  groups.set(name, made);
  return made;
}

/** Adds hosts to a group: `gpu[01:20].lab` stands for twenty. @throws NodedevError `fleet-invalid` */
export function addHosts(
  group: AnsibleGroup,
  pattern: string,
  variables: Variables,
  location?: Location,
): void {
  for (const name of expanded(pattern, location)) {
    if (!HOST_NAME.test(name)) throw nameRefused(name, location);
    group.hosts.set(name, new Map([...(group.hosts.get(name) ?? []), ...variables]));
    if (group.hosts.size > MOST_HOSTS) throw tooManyHosts(MOST_HOSTS, location);
  }
}

/**
 * The hosts of all groups. A host has the variables of its groups, those further in the tree first, and its own last, as Ansible
 * merges them.
 *
 * @throws NodedevError `fleet-invalid`
 */
export function fleetOf(groups: AnsibleGroups): Fleet {
  const parents = new Map<string, string[]>();
  for (const [name, { children }] of groups) {
    for (const child of children) parents.set(child, [...(parents.get(child) ?? []), name]);
  }
  const members = new Map<string, Set<string>>();
  for (const [name, { hosts }] of groups) {
    for (const host of hosts.keys()) {
      const of = members.get(host) ?? new Set<string>();
      members.set(host, of);
      addWithParents(of, name, parents);
      of.add('all');
    }
  }
  const depth = depths(groups);
  const hosts = [...members].map(([name, of]): FleetHost => {
    const order = [...of].toSorted(
      (one, other) =>
        (depth.get(one) ?? 0) - (depth.get(other) ?? 0) ||
        priorityOf(groups.get(one)) - priorityOf(groups.get(other)) ||
        (one < other ? -1 : 1),
    );
    const all = order.flatMap((group) => [...(groups.get(group)?.variables ?? [])]);
    const own = order.flatMap((group) => [...(groups.get(group)?.hosts.get(name) ?? [])]);
    const labels = [...of].filter((group) => group !== 'all' && group !== 'ungrouped').toSorted();
    return { name, uri: uriOf(name, new Map([...all, ...own])), labels };
  });
  if (hosts.length > MOST_HOSTS) throw tooManyHosts(MOST_HOSTS);
  return { hosts, warnings: [] };
}

const HOST_NAME = /^[A-Za-z0-9][\w.-]*$/u;
const ADDRESS = /^(?:[A-Za-z0-9][\w.-]*|[\da-f]*:[\da-f:.]+)$/iu;

function uriOf(name: string, variables: Variables): string {
  const given = variables.get('virt_nodedev_uri');
  if (given !== undefined) {
    if (!/^[a-z]+:\S+$/u.test(given)) throw variableRefused(name, 'virt_nodedev_uri', given);
    return given;
  }
  if (variables.get('ansible_connection') === 'local') return 'sysfs:///';
  const take = (what: string, form: RegExp): string | undefined => {
    const value = variables.get(`ansible_${what}`) ?? variables.get(`ansible_ssh_${what}`);
    if (value !== undefined && !form.test(value))
      throw variableRefused(name, `ansible_${what}`, value);
    return value;
  };
  const address = take('host', ADDRESS) ?? name;
  const user = take('user', /^[A-Za-z0-9_][\w.-]*$/u);
  const port = take('port', /^[1-9]\d{0,4}$/u);
  const host = address.includes(':') ? `[${address}]` : address;
  return `ssh://${user === undefined ? '' : `${user}@`}${host}${port === undefined ? '' : `:${port}`}/`;
}

/** Of two groups that are equally far in the tree, the one with the higher priority says the last word. */
function priorityOf(group: AnsibleGroup | undefined): number {
  const priority = Number(group?.variables.get('ansible_group_priority') ?? 1);
  return Number.isFinite(priority) ? priority : 1;
}

function addWithParents(
  into: Set<string>,
  group: string,
  parents: ReadonlyMap<string, readonly string[]>,
): void {
  const above = [group];
  for (let next = above.pop(); next !== undefined; next = above.pop()) {
    if (into.has(next)) continue;
    into.add(next);
    above.push(...(parents.get(next) ?? []));
  }
}

/** How far below the top each group is, by the longest way. Those of a circle are above all that is below it. */
function depths(groups: AnsibleGroups): ReadonlyMap<string, number> {
  const above = new Map<string, number>();
  for (const { children } of groups.values())
    for (const child of children) above.set(child, (above.get(child) ?? 0) + 1);
  const found = new Map<string, number>();
  // Every group is below `all`.
  const next = [...groups.keys()].filter((name) => !above.has(name));
  for (const name of next) found.set(name, name === 'all' ? 0 : 1);
  for (let name = next.pop(); name !== undefined; name = next.pop()) {
    const depth = (found.get(name) ?? 0) + 1;
    for (const child of groups.get(name)?.children ?? []) {
      found.set(child, Math.max(depth, found.get(child) ?? 0));
      const left = (above.get(child) ?? 0) - 1;
      above.set(child, left);
      if (left === 0) next.push(child);
    }
  }
  return found;
}

/** The names that a pattern stands for: `[01:20]`, `[a:f]`, with a step `[0:8:2]`. */
function expanded(pattern: string, location: Location | undefined): readonly string[] {
  const match = /^(?<before>[^[]*)\[(?<from>\w+):(?<to>\w+)(?::(?<step>\d+))?\](?<after>.*)$/u.exec(
    pattern,
  );
  if (match?.groups === undefined) return [pattern];
  const { before = '', from = '', to = '', step = '1', after = '' } = match.groups;
  const values = rangeOf(from, to, Number(step));
  if (values === undefined) throw nameRefused(pattern, location);
  const rest = expanded(after, location);
  if (values.length * rest.length > MOST_HOSTS) throw tooManyHosts(MOST_HOSTS, location);
  return values.flatMap((value) => rest.map((end) => `${before}${value}${end}`));
}

function rangeOf(from: string, to: string, step: number): readonly string[] | undefined {
  const isNumber = /^\d{1,9}$/u.test(from) && /^\d{1,9}$/u.test(to);
  const isLetter = /^[a-z]$/iu.test(from) && /^[a-z]$/iu.test(to);
  if (!(isNumber || isLetter) || step < 1) return undefined;
  const [first, last] = isNumber
    ? [Number(from), Number(to)]
    : [from.charCodeAt(0), to.charCodeAt(0)];
  const count = Math.floor((last - first) / step) + 1;
  if (count < 1 || count > MOST_HOSTS) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const value = first + index * step;
    return isNumber ? String(value).padStart(from.length, '0') : String.fromCharCode(value);
  });
}
