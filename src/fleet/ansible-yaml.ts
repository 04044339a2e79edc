import { LineCounter, parseDocument } from 'yaml';
import { addHosts, type AnsibleGroups, fleetOf, groupIn, type Variables } from './ansible-hosts.ts';
import { groupName } from './ansible-ini.ts';
import type { Fleet } from './fleet.ts';
import { fleetInvalid, notYaml } from './messages.ts';

/** Groups in groups. */
const MOST_DEPTH = 64;

/**
 * Reads an Ansible inventory in YAML's form: groups with `hosts`, `children` and `vars`. Tags such as `!vault` are no values of ours,
 * and nothing is made of them.
 *
 * @throws NodedevError `fleet-invalid`
 */
export function parseAnsibleYaml(text: string, file?: string): Fleet {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, merge: true, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw notYaml(file, error.message, { file, line, column: col });
  }
  const groups: AnsibleGroups = new Map();
  let root: unknown;
  try {
    root = document.toJS({ mapAsMap: true, maxAliasCount: 100 });
  } catch (cause) {
    throw notYaml(file, cause instanceof Error ? cause.message : String(cause));
  }
  for (const [name, group] of entriesOf(root, 'the inventory')) addGroup(groups, name, group, 0);
  return fleetOf(groups);
}

function addGroup(groups: AnsibleGroups, name: string, value: unknown, depth: number): void {
  if (depth > MOST_DEPTH) throw fleetInvalid(`groups in groups, more than ${MOST_DEPTH} times`);
  const group = groupIn(groups, groupName(name));
  for (const [key, part] of entriesOf(value, `group '${name}'`)) {
    if (key === 'hosts') {
      for (const [host, own] of entriesOf(part, `the hosts of '${name}'`)) {
        addHosts(group, host, variablesOf(own, `host '${host}'`));
      }
    } else if (key === 'vars') {
      for (const [variable, text] of variablesOf(part, `the variables of '${name}'`)) {
        group.variables.set(variable, text);
      }
    } else if (key === 'children') {
      for (const [child, inner] of entriesOf(part, `the children of '${name}'`)) {
        group.children.add(child);
        addGroup(groups, child, inner, depth + 1);
      }
    } else
      throw fleetInvalid(
        `unknown part '${key}' of group '${name}'`,
        undefined,
        name === '_meta' ? 'ansible-inventory --list --yaml prints it' : 'hosts, children or vars',
      );
  }
}

/** The variables that are plain values. */
function variablesOf(value: unknown, what: string): Variables {
  return new Map(
    entriesOf(value, what).flatMap(([name, each]) =>
      typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean'
        ? [[name, String(each)] as const]
        : [],
    ),
  );
}

/** The entries of a mapping; none for nothing. A list of names, which older versions print, is a mapping to nothing. */
function entriesOf(value: unknown, what: string): readonly (readonly [string, unknown])[] {
  if (value === null || value === undefined) return [];
  if (!(value instanceof Map)) {
    throw fleetInvalid(
      `${what} is no mapping`,
      undefined,
      'an inventory in YAML has groups with hosts, children and vars',
    );
  }
  const map: ReadonlyMap<unknown, unknown> = value;
  return [...map].map(([key, each]) => {
    // YAML makes 10 of 010, and 1.1 of 1.10.
    if (typeof key !== 'string')
      throw fleetInvalid(`a name in ${what} is no text: ${String(key)}`, undefined, 'quote it');
    return [key, each] as const;
  });
}
