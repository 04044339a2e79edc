import type { GroupOwner } from '../../policy/owner.ts';
import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { jsonOption, requiredOption } from '../options.ts';
import { formatFacts, yesNo } from '../table.ts';

const device = requiredOption('device', 'name or uuid of the device', { completion: 'device' });

export const command: Command = {
  arguments: [device],
  options: [jsonOption],
  examples: [
    ['info pci_0000_86_00_0', 'a GPU'],
    ['info 0695d332-7831-493f-9e71-1c85c8911a08 --json', 'a vGPU, with its type, group and owner'],
  ],
  failure: (args, { code }) =>
    code === 'device-unknown' ? messages.deviceNotFound(args.get(device)) : undefined,

  async run({ args, connect, output }) {
    const info = await (await connect()).info(args.get(device));
    output.report('info', info, (shown) =>
      formatFacts([
        ['Name', shown.name],
        ...(shown.alias === undefined ? [] : [['Alias', shown.alias] as const]),
        ['Parent', shown.parent ?? ''],
        ...(shown.uuid === undefined ? [] : [['UUID', shown.uuid] as const]),
        ...(shown.type === undefined ? [] : [['Type', shown.type] as const]),
        ...(shown.group === undefined ? [] : [['Group', shown.group] as const]),
        ...(shown.deviceNodes ?? []).map((path) => ['Device node', path] as const),
        ...(shown.unbound === undefined ? [] : [['Driver', 'none: unbound'] as const]),
        ...(shown.channelDevice === undefined
          ? []
          : [['Channel device', shown.channelDevice] as const]),
        ...(shown.physicalFunction === undefined
          ? []
          : [['Function of', shown.physicalFunction] as const]),
        ...(shown.plainFunction === undefined
          ? []
          : [['Types', messages.plainFunction(shown.plainFunction)] as const]),
        ...(shown.share ?? []).map(({ name, value }) => ['Share', `${name}=${value}`] as const),
        ['Active', yesNo(shown.active)],
        ['Persistent', yesNo(shown.persistent)],
        ['Autostart', yesNo(shown.autostart)],
        ...(shown.foreign === undefined ? [] : [creator(shown.foreign)]),
        ...(shown.owner === undefined ? [] : [owner(shown.owner)]),
        ...(shown.socket === undefined ? [] : [['Attached at', shown.socket] as const]),
      ]),
    );
  },
};

const creator = (isForeign: boolean): readonly [string, string] => [
  'Created by',
  isForeign ? 'others' : 'virt-nodedev',
];

const owner = ({ name, by }: GroupOwner): readonly [string, string] => [
  'Owner',
  messages.ownerText(name, by),
];
