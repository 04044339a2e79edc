import type { Location, NodedevError } from '../errors.ts';
import { addHosts, type AnsibleGroups, fleetOf, groupIn } from './ansible-hosts.ts';
import type { Fleet } from './fleet.ts';
import { fleetInvalid } from './messages.ts';

/**
 * Reads an Ansible inventory in INI's form: `[group]` with hosts and their variables, `[group:children]` and `[group:vars]`. Of the
 * variables those that say how a host is reached are read; files of variables beside the inventory are not.
 *
 * @throws NodedevError `fleet-invalid`
 */
export function parseAnsibleIni(text: string, file?: string): Fleet {
  const groups: AnsibleGroups = new Map();
  /** Groups that only `children` or `vars` name: Ansible takes an inventory with one for a mistake. */
  const named = new Map<string, Location>();
  const sections = new Set(['all', 'ungrouped']);
  let section = { group: 'ungrouped', part: 'hosts' };
  for (const [index, line] of text.split('\n').entries()) {
    const location: Location = { file, line: index + 1, column: 1 };
    const words = wordsOf(line, location);
    const [first] = words;
    if (first === undefined) continue;
    const header = /^\[(?<group>[^\s:\][]+)(?::(?<part>\w+))?\]$/u.exec(words.join(' '));
    if (header !== null) {
      const { group = '', part = 'hosts' } = header.groups ?? {};
      if (!['hosts', 'children', 'vars'].includes(part)) {
        throw fleetInvalid(
          `unknown kind of section '${part}'`,
          location,
          'hosts, children or vars',
        );
      }
      section = { group: groupName(group, location), part };
      groupIn(groups, group);
      if (part === 'vars') named.set(group, location);
      else sections.add(group);
      continue;
    }
    if (first.startsWith('[') && !first.includes(']'))
      throw fleetInvalid(`'${first}' is no section`, location);
    const group = groupIn(groups, section.group);
    if (section.part === 'children') {
      group.children.add(groupName(first, location));
      named.set(first, location);
    } else if (section.part === 'vars') {
      // A value may have blanks.
      const [, name, value = ''] = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/u.exec(line) ?? [];
      if (name === undefined) throw noVariable(line.trim(), location);
      group.variables.set(name, value.replace(/^(['"])(.*)\1$/u, '$2'));
    } else {
      const [, name = '', port] = /^(.*?)(?::(\d+))?$/u.exec(first) ?? [];
      // `host:2222`, but not the end of a range
      const isPort = port !== undefined && !first.endsWith(']');
      const variables = new Map(words.slice(1).map((word) => pair(word, location)));
      if (isPort) variables.set('ansible_port', port);
      addHosts(group, isPort ? name : first, variables, location);
    }
  }
  for (const [name, location] of named) {
    if (!sections.has(name)) {
      throw fleetInvalid(`there is no group '${name}'`, location, `write a section [${name}]`);
    }
  }
  return fleetOf(groups);
}

/** @throws NodedevError for what could be no label */
export function groupName(name: string, location?: Location): string {
  if (!/^\w[\w.-]*$/u.test(name)) throw fleetInvalid(`'${name}' is no name of a group`, location);
  return name;
}

function pair(word: string, location: Location): readonly [string, string] {
  const [, name, value] = /^([\w.-]+)=(.*)$/su.exec(word) ?? [];
  if (name === undefined || value === undefined) {
    throw noVariable(word, location);
  }
  return [name, value];
}

const noVariable = (text: string, location: Location): NodedevError =>
  fleetInvalid(`'${text}' is no variable`, location, 'write NAME=VALUE');

/** The words of a line, as a shell has them, without its comment. */
function wordsOf(line: string, location: Location): string[] {
  const words: string[] = [];
  if (/^\s*[#;]/u.test(line)) return words;
  const pattern = /\s*(?:(#.*)|((?:[^\s'"#\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*"|(?<=\S)#)+))/uy;
  const end = line.trimEnd().length;
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex;
    const [, comment, word] = pattern.exec(line) ?? [];
    if (comment !== undefined) break;
    if (word === undefined)
      throw fleetInvalid(`what is quoted here has no end: ${line.slice(at).trim()}`, location);
    words.push(
      word.replace(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gu,
        (_, single?: string, double?: string, escaped?: string) =>
          single ?? double?.replace(/\\(["\\])/gu, '$1') ?? escaped ?? '',
      ),
    );
  }
  return words;
}
