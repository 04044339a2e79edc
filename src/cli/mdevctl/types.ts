import type { MdevctlParent, MdevctlType } from '../../engine/mdevctl-view.ts';
import { printable } from '../../terminal-text.ts';
import { helpOption, jsonOption, parentOption, type Subcommand } from './subcommand.ts';

export const types: Subcommand = {
  name: 'types',
  summary: 'List the types that parents offer',
  options: [parentOption, jsonOption, helpOption],

  async run({ given, connection, problems, print, printJson }) {
    const parents = await connection.mdevctlParents({ parent: given.get('parent') });
    problems(parents.problems);
    if (given.has('dumpjson')) printJson(asJson(parents.items));
    else print(parents.items.map(asText).join(''));
  },
};

function asText({ parent, types: offered }: MdevctlParent): string {
  const lines = offered.flatMap(({ id, availableInstances, deviceApi, name, description }) => [
    `  ${id}`,
    `    Available instances: ${availableInstances}`,
    `    Device API: ${deviceApi}`,
    ...(isSaid(name) ? [`    Name: ${name}`] : []),
    ...(isSaid(description) ? [`    Description: ${onOneLine(description)}`] : []),
  ]);
  return [parent, ...lines].map((line) => `${printable(line)}\n`).join('');
}

/** One object with a member for each parent, in a list; nothing is an empty list. */
function asJson(parents: readonly MdevctlParent[]): unknown {
  if (parents.length === 0) return [];
  return [
    Object.fromEntries(
      parents.map(({ parent, types: offered }) => [parent, offered.map(typeJson)]),
    ),
  ];
}

function typeJson({ id, availableInstances, deviceApi, name, description }: MdevctlType): unknown {
  return {
    [id]: {
      available_instances: availableInstances,
      device_api: deviceApi,
      ...(isSaid(name) ? { name } : {}),
      ...(isSaid(description) ? { description: onOneLine(description) } : {}),
    },
  };
}

const isSaid = (text: string | undefined): text is string => text !== undefined && text !== '';

const onOneLine = (text: string): string => text.replaceAll('\n', ', ');
