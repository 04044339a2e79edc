import type { ListedDevice } from '../../engine/listed-device.ts';
import { CAPABILITY_NAMES, type CapabilityName } from '../../nodedev/capability-names.ts';
import { nearMiss } from '../../suggest.ts';
import type { Arguments, Command } from '../command.ts';
import { formatTree } from '../device-tree.ts';
import { UsageError } from '../failures.ts';
import { fleetOptions } from '../fleet/options.ts';
import * as messages from '../messages.ts';
import { flagOption, jsonOption, textOption } from '../options.ts';
import { issueData } from '../report-error.ts';
import { formatTable, type TableRoom, yesNo } from '../table.ts';

const tree = flagOption('tree', 'show devices below their parents');
const cap = textOption('cap', 'only devices with one of these capabilities, separated by commas', {
  placeholder: 'LIST',
  completion: CAPABILITY_NAMES,
});
const inactive = flagOption('inactive', 'only inactive devices');
const all = flagOption('all', 'inactive and active devices');
const persistent = flagOption('persistent', 'only devices with a definition');
const long = flagOption('long', 'a table, with types, groups, owners and states');
const transient = flagOption('transient', 'only devices without a definition');

export const command: Command = {
  arguments: [],
  options: [tree, cap, inactive, all, persistent, transient, long, ...fleetOptions, jsonOption],
  examples: [
    ['list --cap mdev', 'the active mediated devices'],
    ['list --tree', 'all active devices below their parents'],
    ['list --cap mdev --all --long', 'mediated devices with all that is known of them'],
  ],
  failure: () => messages.listFailed,

  async run({ args, connect, output }) {
    refuseCombinations(args);
    // virsh lists all for an empty word.
    const capabilities = (args.get(cap) || undefined)?.split(',').map(capabilityName);
    const { items, problems } = await (await connect()).list({
      capabilities,
      state: args.get(all) ? 'all' : args.get(inactive) ? 'inactive' : 'active',
      details: args.get(long) || args.get(jsonOption),
      persistent: args.get(persistent) ? true : args.get(transient) ? false : undefined,
    });
    const devices = items.toSorted(byName);
    output.problems(problems);
    output.report('list', { devices, problems: problems.map(issueData) }, (shown, room) =>
      args.get(tree)
        ? formatTree(shown.devices)
        : args.get(long)
          ? formatLong(shown.devices, room)
          : shown.devices.map(({ name }) => `${name}\n`).join(''),
    );
  },
};

/** Mediated devices as a table; other devices have a name, a parent and capabilities. */
function formatLong(devices: readonly ListedDevice[], room: TableRoom | undefined): string {
  const mediated = devices.filter(({ uuid }) => uuid !== undefined);
  const others = devices.filter(({ uuid }) => uuid === undefined);
  const tables = [
    others.length > 0 &&
      formatTable(
        ['Name', 'Parent', 'Capabilities'],
        others.map(({ name, parent, capabilities }) => [
          name,
          parent ?? '-',
          capabilities.join(', '),
        ]),
        room,
      ),
    mediated.length > 0 &&
      formatTable(
        ['UUID', 'Parent', 'Type', 'Group', 'Owner', 'Alias', 'Active', 'Persistent', 'Autostart'],
        mediated.map((device) => [
          device.uuid ?? '-',
          device.parent ?? device.parentAddress ?? '-',
          device.type ?? '-',
          device.group ?? '-',
          device.owner?.name ?? '-',
          device.alias ?? '-',
          yesNo(device.active),
          yesNo(device.persistent),
          yesNo(device.autostart),
        ]),
        room,
      ),
  ];
  return tables.filter((table) => table !== false).join('\n');
}

/** The combinations that virsh refuses, in its order and words. */
function refuseCombinations(args: Arguments): void {
  if (args.get(tree)) {
    if (
      [cap, inactive, persistent, transient].some((option) => Boolean(args.get<unknown>(option)))
    ) {
      throw new UsageError(
        messages.incompatible('tree', '--cap, --inactive, --persistent and --transient'),
      );
    }
    if (args.get(long)) throw new UsageError(messages.incompatible('tree', '--long'));
    if (args.get(jsonOption)) throw new UsageError(messages.incompatible('tree', '--json'));
  }
  if (args.get(all) && args.get(inactive)) {
    throw new UsageError(messages.incompatible('all', '--inactive'));
  }
  if (args.get(transient) && (args.get(persistent) || args.get(inactive))) {
    throw new UsageError(messages.incompatible('transient', '--persistent and --inactive'));
  }
}

function capabilityName(word: string): CapabilityName {
  const name = CAPABILITY_NAMES.find((each) => each === word);
  if (name !== undefined) return name;
  const near = nearMiss(word, CAPABILITY_NAMES);
  throw new UsageError(
    messages.unknownCapability,
    near === undefined ? messages.oneOf(CAPABILITY_NAMES) : messages.didYouMean(near),
  );
}

/** Compares names like virsh, without case. Names that differ only in case are compared by bytes. */
function byName({ name: one }: ListedDevice, { name: other }: ListedDevice): number {
  return compare(one.toLowerCase(), other.toLowerCase()) || compare(one, other);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
