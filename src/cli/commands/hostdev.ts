import { formatHostdev } from '../../domain/format-hostdev.ts';
import { functionHostdev, isPlainFunction } from '../../domain/function-hostdev.ts';
import type { GuestAddress, Hostdev } from '../../domain/hostdev.ts';
import { type HostdevOptions, hostdevFor } from '../../domain/hostdev-for.ts';
import type { QemuProperties } from '../../domain/qemu-property.ts';
import { isOfAddress, ofAddress } from '../address-hostdev.ts';
import type { Arguments, Command, CommandContext } from '../command.ts';
import { insertIntoDomain, removeFromDomain, replaceInDomain } from '../domain-file.ts';
import { UsageError } from '../failures.ts';
import { STANDARD } from '../files.ts';
import { parseGuestAddress } from '../guest-address.ts';
import * as messages from '../messages.ts';
import { attachedSockets, qemuLine } from '../qemu-line.ts';
import {
  adoptOption,
  choiceOption,
  flagOption,
  dryRunOption,
  jsonOption,
  type Option,
  numberOption,
  textOption,
  listOption,
} from '../options.ts';

const ON_OFF = ['on', 'off'] as const;

const AUTO = 'auto';

const device = listOption('device', 'name or uuid of a device', { completion: 'device' });
const group = textOption('group', 'all members of this group', { completion: 'group' });
const into = textOption(
  'into',
  'put the host devices into this domain XML; - copies stdin to stdout',
  {
    placeholder: 'DOMAIN.xml',
  },
);
const remove = flagOption('remove', 'with --into: take them out of the domain instead');
const replace = textOption(
  'replace',
  'with --into: DEV takes the place of this device, with its settings',
  { placeholder: 'OLD', completion: 'device' },
);
const claim = flagOption(
  'claim',
  "with --into: also make their groups the domain's; with --remove and --replace, those it has nothing of any more are nobody's",
);
const qemu = flagOption('qemu', "print QEMU's arguments instead of XML");
const plain = flagOption('plain', 'with --qemu: in the form DRIVER,NAME=VALUE instead of JSON');
const machine = textOption(
  'machine',
  'with --qemu: the machine type, for the name of the root bus of --address',
  { placeholder: 'TYPE', completion: ['q35', 'pc', 's390-ccw-virtio'] },
);
const vfioUser = textOption(
  'vfio-user',
  'with --qemu: the device is served at this socket; a simulated one that is attached needs no option',
  { placeholder: 'SOCKET' },
);
const property = listOption(
  'property',
  'a property of the device in QEMU, as <qemu:override> or with --qemu: x-igd-opregion=on',
  { placeholder: 'NAME=VALUE', completion: [] },
);
const dialect = choiceOption('dialect', ['libvirt', 'thread'], 'form of the XML; default libvirt');
const display = choiceOption('display', ON_OFF, "show the vGPU's screen in the VM's graphics");
const ramfb = choiceOption(
  'ramfb',
  ON_OFF,
  'a screen before the guest has a driver; needs --display on',
);
const iommufd = flagOption(
  'iommufd',
  'VFIO through /dev/iommu: for functions with a type, in libvirt since 12.1; with --qemu for all',
);
const allowGroup = flagOption(
  'allow-group',
  'with --iommufd: a device that only its IOMMU group has a file for is opened by that',
);
const boot = numberOption('boot', 'boot order', { placeholder: 'N' });
const alias = textOption('alias', 'alias, beginning with ua-', {
  placeholder: 'NAME',
  completion: [],
});
const address: Option<GuestAddress | 'auto' | undefined> = {
  ...textOption(
    'address',
    'address in the guest: 0000:00:05.0, fe.0.0001 for a channel device, or auto with --into: a free one',
    { completion: ['auto'] },
  ),
  read: ([word]) => (word === undefined || word === AUTO ? word : parseGuestAddress(word)),
};

/** Options that are for a single device. */
const FOR_ONE_DEVICE = [boot, alias, address, ramfb, vfioUser];

/** Options that say how a new host device is to be. */
const SETTINGS = [...FOR_ONE_DEVICE, display, iommufd, allowGroup];

export const command: Command = {
  changes: true,
  arguments: [device],
  options: [
    group,
    into,
    remove,
    replace,
    claim,
    adoptOption,
    qemu,
    plain,
    machine,
    vfioUser,
    property,
    dialect,
    display,
    ramfb,
    iommufd,
    allowGroup,
    boot,
    alias,
    address,
    dryRunOption,
    jsonOption,
  ],
  description:
    'With --into, a file is changed in place; everything else in it stays as it was. A device that it has already is left. ' +
    'Nothing is written that validate would refuse.',
  examples: [
    ['hostdev 0695d332-7831-493f-9e71-1c85c8911a08', 'the <hostdev> of a vGPU'],
    ['hostdev --group group1 --into workstation.xml', 'give a group to a VM'],
    ['hostdev --group group1 --into workstation.xml --claim', 'and to no other'],
    ['hostdev my-vgpu --into workstation.xml --remove --claim', 'take a device out and back'],
    ['hostdev NEW --into workstation.xml --replace OLD', 'NEW in place of OLD'],
    ['hostdev 0695d332-7831-493f-9e71-1c85c8911a08 --qemu', 'the -device argument'],
    ['hostdev pci_0000_03_00_1', 'a virtual function without types: nothing is created for it'],
    [
      'hostdev pci_0000_42_00_4 --into workstation.xml --remove',
      'take out a function that has no type any more',
    ],
  ],
  failure(args, { code }) {
    const file = args.get(into);
    // Of two devices, the reason says which one is meant.
    if (code === 'device-unknown' && args.get(replace) === undefined)
      return messages.deviceNotFound(args.get(device).join(', '));
    return file === undefined ? undefined : messages.insertFailed(file);
  },

  async run(context) {
    const { args, output } = context;
    refuseCombinations(args);
    const file = args.get(into);
    if (file !== undefined) return changeDomain(context, file);
    const names = await deviceNames(context);
    const hostdevs = await wantedHostdevs(context, names);
    const shown = hostdevs.map((one) => (isOfAddress(one) ? { ...one, uuid: undefined } : one));
    const sockets = args.get(qemu) ? await attachedSockets(await context.connect(), names) : [];
    output.report('hostdev', { hostdevs: shown }, () =>
      hostdevs
        .map((one, index) =>
          args.get(qemu)
            ? qemuLine(one, index, {
                form: args.get(plain) ? 'plain' : 'json',
                machine: args.get(machine),
                properties: properties(args),
                socket: args.get(vfioUser) ?? sockets[index],
              })
            : formatHostdev(one, { dialect: args.get(dialect) }),
        )
        .join(''),
    );
  },
};

/** Puts devices into a domain's file, or takes them out. */
async function changeDomain(context: CommandContext, file: string): Promise<void> {
  const { args } = context;
  const names = await deviceNames(context);
  const claims = args.get(claim) ? { names, adopt: args.get(adoptOption) } : undefined;
  const edit = { file, dialect: args.get(dialect), properties: properties(args), claims };
  if (args.get(remove)) return removeFromDomain(context, edit, names);
  const hostdevs = await wantedHostdevs(context, names);
  const old = args.get(replace);
  const [only] = hostdevs;
  if (old !== undefined && only !== undefined) {
    return replaceInDomain(context, edit, old, names[0] ?? only.uuid, only);
  }
  const isAuto = args.get(address) === AUTO;
  await insertIntoDomain(context, { ...edit, address: isAuto ? AUTO : undefined }, names, hostdevs);
}

async function wantedHostdevs(
  { args, connect, output }: CommandContext,
  names: readonly string[],
): Promise<readonly Hostdev[]> {
  if (names.length > 1) refuseForSeveral(args);
  const connection = await connect();
  const hostdevs: Hostdev[] = [];
  for (const name of names) {
    const found = await connection.lookup(name);
    const options = hostdevOptions(args);
    const mdev = found.capabilities.find(({ kind }) => kind === 'mdev');
    // Without its type's device API it is no device for a VM: the error of its parent says why.
    if (mdev?.kind === 'mdev' && mdev.types[0]?.deviceApi === undefined) {
      await connection.types({ parent: mdev.parentAddress });
    }
    // What takes another's place is opened as that was.
    const { deviceNodes = [] } = args.get(replace) === undefined ? await connection.info(name) : {};
    const made = isPlainFunction(found)
      ? ofAddress(functionHostdev(found, options))
      : hostdevFor(found, { ...options, deviceNodes, allowGroup: args.get(allowGroup) });
    if (made.iommufd !== options.iommufd) output.note(messages.openedByGroup(name));
    hostdevs.push(made);
  }
  return hostdevs;
}

/** @throws UsageError for words that are no NAME=VALUE */
function properties(args: Arguments): QemuProperties {
  return Object.fromEntries(
    args.get(property).map((word) => {
      const [, name, value] = /^([\w.-]+)=(.+)$/u.exec(word) ?? [];
      if (name !== undefined && value !== undefined) return [name, value];
      throw new UsageError(
        messages.invalidChoice(property.name, word),
        messages.oneOf(['NAME=VALUE: x-igd-opregion=on']),
      );
    }),
  );
}

function refuseCombinations(args: Arguments): void {
  const isNamed = args.get(device).length > 0;
  if (args.get(group) !== undefined) {
    if (isNamed) throw new UsageError(messages.exclusive(device.name, group.name));
  } else if (!isNamed) {
    throw new UsageError(
      messages.missingArgument('hostdev', device.name),
      messages.seeHelp('hostdev'),
    );
  }
  const given = (option: Option<unknown>): boolean => {
    const value = args.get(option);
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  };
  const needs = (option: Option<unknown>, ...others: readonly Option<unknown>[]): void => {
    if (!given(option) || others.some(given)) return;
    throw new UsageError(messages.missingOption('hostdev', others[0]?.name ?? ''));
  };
  const excludes = (option: Option<unknown>, ...others: readonly Option<unknown>[]): void => {
    const other = given(option) ? others.find(given) : undefined;
    if (other !== undefined) throw new UsageError(messages.exclusive(option.name, other.name));
  };
  for (const option of [claim, remove, replace]) needs(option, into);
  needs(adoptOption, claim);
  needs(plain, qemu);
  needs(machine, qemu);
  needs(vfioUser, qemu);
  needs(property, into, qemu);
  needs(allowGroup, iommufd);
  if (args.get(address) === AUTO) needs(address, into);
  excludes(qemu, into);
  excludes(remove, replace, adoptOption, dialect, property, ...SETTINGS);
  excludes(replace, group, dialect, property, ...SETTINGS);
  if (args.get(replace) !== undefined && args.get(device).length > 1) {
    throw new UsageError(messages.forOneDevice(replace.name));
  }
  if (args.get(into) === STANDARD) excludes(jsonOption, into);
}

function refuseForSeveral(args: Arguments): void {
  const given = FOR_ONE_DEVICE.find((option) => {
    const value = args.get<unknown>(option);
    return value !== undefined && value !== AUTO;
  });
  if (given !== undefined) throw new UsageError(messages.forOneDevice(given.name));
}

async function deviceNames({ args, connect }: CommandContext): Promise<readonly string[]> {
  const name = args.get(group);
  if (name === undefined) return args.get(device);
  const { members } = await (await connect()).group(name);
  return members.map((member) => member.name);
}

function hostdevOptions(args: Arguments): HostdevOptions {
  const guest = args.get(address);
  return {
    display: isOn(args.get(display)),
    ramfb: isOn(args.get(ramfb)),
    bootOrder: args.get(boot),
    alias: args.get(alias),
    iommufd: args.get(iommufd) ? true : undefined,
    address: guest === AUTO ? undefined : guest,
  };
}

function isOn(value: 'on' | 'off' | undefined): boolean | undefined {
  return value === undefined ? undefined : value === 'on';
}
