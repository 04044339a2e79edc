import type { MdevctlDevice } from '../../engine/mdevctl-view.ts';
import { groupBy } from '../../group-by.ts';
import { MdevctlError } from '../failures.ts';
import { shown } from '../shown.ts';
import * as messages from './messages.ts';
import {
  helpOption,
  jsonOption,
  parentOption,
  type Subcommand,
  uuidOption,
  versionOption,
} from './subcommand.ts';

export const list: Subcommand = {
  name: 'list',
  summary: 'List mediated devices',
  options: [
    { name: 'defined', letter: 'd', summary: 'those that are defined, not those that are active' },
    jsonOption,
    { name: 'verbose', letter: 'v', summary: 'with their attributes' },
    uuidOption,
    parentOption,
    helpOption,
    versionOption,
  ],

  async run({ given, connection, problems, print, printJson }) {
    const [uuid, parent] = [given.get('uuid'), given.get('parent')];
    const isDefined = given.has('defined');
    const isJson = given.has('dumpjson');
    const attributes = isJson || given.has('verbose');
    const found = await connection.mdevctlDevices({ defined: isDefined, uuid, attributes });
    const devices = found.items.filter((one) => parent === undefined || one.parent === parent);
    const listed = devices.flatMap((one) => {
      const isListed = isTyped(one) && !(isDefined && one.problem !== undefined);
      return isListed ? [one] : [];
    });
    if (isJson) printJson(asJson(listed, uuid !== undefined));
    else print(listed.map((one) => asText(one, isDefined, given.has('verbose'))).join(''));
    const failed = devices.flatMap(({ problem }) => problem ?? []);
    problems([...found.problems, ...failed]);
    if (isDefined && failed.length > 0) throw new MdevctlError(messages.notListed);
  },
};

type Listed = MdevctlDevice & { readonly type: string };

const isTyped = (device: MdevctlDevice): device is Listed => device.type !== undefined;

function asText(device: Listed, isDefined: boolean, isVerbose: boolean): string {
  const { uuid, parent, type, autostart, active, defined, attributes } = shown(device);
  const mark = isDefined ? (active ? ' (active)' : '') : defined ? ' (defined)' : '';
  const lines = [
    `${uuid} ${parent} ${type} ${startOf(autostart)}${mark}`,
    ...(isVerbose && attributes.length > 0
      ? [
          '  Attrs:',
          ...attributes.map(({ name, value }, index) => `    @{${index}}: {"${name}":"${value}"}`),
        ]
      : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** One object with a member for each parent, in a list; of one device that was asked for, what its file has. */
function asJson(devices: readonly Listed[], isOne: boolean): unknown {
  const [first, second] = devices;
  if (first === undefined) return [];
  if (isOne && second === undefined) return content(first);
  const byParent = [...groupBy(devices, ({ parent }) => parent)].map(([parent, own]) => [
    parent,
    own.map((device) => ({ [device.uuid]: content(device) })),
  ]);
  return [Object.fromEntries(byParent)];
}

const content = ({ type, autostart, attributes }: Listed): unknown => ({
  mdev_type: type,
  start: startOf(autostart),
  attrs: attributes.map(({ name, value }) => ({ [name]: value })),
});

const startOf = (autostart: boolean): string => (autostart ? 'auto' : 'manual');
