import { isUtf8 } from 'node:buffer';
import type { DomainRef } from '../../domain/domain-ref.ts';
import { formatHostdev } from '../../domain/format-hostdev.ts';
import type { GuestAddress, Hostdev } from '../../domain/hostdev.ts';
import { type HostdevOptions, hostdevFor } from '../../domain/hostdev-for.ts';
import { addressText } from '../../domain/address.ts';
import { insertHostdev } from '../../domain/insert-hostdev.ts';
import { NodedevError } from '../../errors.ts';
import { parseDomain } from '../../domain/parse-domain.ts';
import { qemuDeviceArguments } from '../../domain/qemu-arguments.ts';
import type { Arguments, Command, CommandContext } from '../command.ts';
import { UsageError } from '../failures.ts';
import { readSource, replaceFile, STANDARD } from '../files.ts';
import { parseGuestAddress } from '../guest-address.ts';
import * as messages from '../messages.ts';
import {
  adoptOption,
  choiceOption,
  flagOption,
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
const claim = flagOption('claim', "with --into: also make their groups the domain's");
const qemu = flagOption('qemu', "print QEMU's arguments instead of XML");
const dialect = choiceOption('dialect', ['libvirt', 'thread'], 'form of the XML; default libvirt');
const display = choiceOption('display', ON_OFF, "show the vGPU's screen in the VM's graphics");
const ramfb = choiceOption(
  'ramfb',
  ON_OFF,
  'a screen before the guest has a driver; needs --display on',
);
const boot = numberOption('boot', 'boot order', { placeholder: 'N' });
const alias = textOption('alias', 'alias, beginning with ua-', { placeholder: 'NAME' });
const address: Option<GuestAddress | 'auto' | undefined> = {
  ...textOption(
    'address',
    'address in the guest: 0000:00:05.0, fe.0.0001 for a channel device, or auto with --into: a free one',
  ),
  read: ([word]) => (word === undefined || word === AUTO ? word : parseGuestAddress(word)),
};

/** Options that are for a single device. */
const FOR_ONE_DEVICE = [boot, alias, address, ramfb];

export const command: Command = {
  arguments: [device],
  options: [
    group,
    into,
    claim,
    adoptOption,
    qemu,
    dialect,
    display,
    ramfb,
    boot,
    alias,
    address,
    jsonOption,
  ],
  description: 'With --into, a file is changed in place; everything else in it stays as it was.',
  examples: [
    ['hostdev 0695d332-7831-493f-9e71-1c85c8911a08', 'the <hostdev> of a vGPU'],
    ['hostdev --group group1 --into workstation.xml', 'give a group to a VM'],
    ['hostdev --group group1 --into workstation.xml --claim', 'and to no other'],
    ['hostdev 0695d332-7831-493f-9e71-1c85c8911a08 --qemu', 'the -device argument'],
  ],
  failure(args, { code }) {
    const file = args.get(into);
    if (code === 'device-unknown') return messages.deviceNotFound(args.get(device).join(', '));
    return file === undefined ? undefined : messages.insertFailed(file);
  },

  async run(context) {
    const { args, output } = context;
    refuseCombinations(args);
    const names = await deviceNames(context);
    if (names.length > 1) refuseForSeveral(args);
    const connection = await context.connect();
    const hostdevs: Hostdev[] = [];
    for (const name of names) {
      hostdevs.push(hostdevFor(await connection.lookup(name), hostdevOptions(args)));
    }
    const file = args.get(into);
    if (file !== undefined) {
      const inserted = await insert(context, file, names, hostdevs);
      output.report({ file, hostdevs: inserted }, () => '');
      for (const [index, name] of names.entries()) {
        if (file !== STANDARD) output.tell(messages.insertedHostdev(name, file));
        const chosen = args.get(address) === AUTO ? inserted[index]?.address : undefined;
        if (chosen !== undefined) output.tell(messages.chosenAddress(name, addressText(chosen)));
      }
      return;
    }
    output.report({ hostdevs }, () =>
      hostdevs.map((one, index) => format(args, one, index)).join(''),
    );
  },
};

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
  if (args.get(claim) && args.get(into) === undefined) {
    throw new UsageError(messages.missingOption('hostdev', into.name));
  }
  if (args.get(adoptOption) && !args.get(claim)) {
    throw new UsageError(messages.missingOption('hostdev', claim.name));
  }
  if (args.get(address) === AUTO && args.get(into) === undefined) {
    throw new UsageError(messages.missingOption('hostdev', into.name));
  }
  if (args.get(qemu) && args.get(into) !== undefined) {
    throw new UsageError(messages.exclusive(qemu.name, into.name));
  }
  if (args.get(jsonOption) && args.get(into) === STANDARD) {
    throw new UsageError(messages.exclusive(jsonOption.name, into.name));
  }
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
    address: guest === AUTO ? undefined : guest,
  };
}

function isOn(value: 'on' | 'off' | undefined): boolean | undefined {
  return value === undefined ? undefined : value === 'on';
}

function format(args: Arguments, hostdev: Hostdev, index: number): string {
  if (!args.get(qemu)) return formatHostdev(hostdev, { dialect: args.get(dialect) });
  const id = hostdev.alias ?? `hostdev${index}`;
  return `${qemuDeviceArguments(hostdev, { id }).map(shellWord).join(' ')}\n`;
}

/** A word, quoted for a shell if needed. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Adds hostdevs to a domain file in place, or from standard input to standard output; returns them with addresses. */
async function insert(
  context: CommandContext,
  file: string,
  names: readonly string[],
  hostdevs: readonly Hostdev[],
): Promise<readonly Hostdev[]> {
  const { args, io, output } = context;
  const source = await readSource(io, file);
  const changed = insertHostdev(decode(source.text, source.file), hostdevs, {
    file: source.file,
    dialect: args.get(dialect),
    address: args.get(address) === AUTO ? AUTO : undefined,
  });
  const inserted = args.get(address) === AUTO ? inDomain(hostdevs, changed, source.file) : hostdevs;
  const write = async (): Promise<void> => {
    if (file === STANDARD) output.printExactly(changed);
    else await replaceFile(io, file, changed);
  };
  if (args.get(claim)) await claimAround(context, names, domainOf(changed, source.file), write);
  else await write();
  return inserted;
}

/** The hostdevs as the domain has them, with the addresses that were chosen. */
function inDomain(
  hostdevs: readonly Hostdev[],
  text: string,
  file: string | undefined,
): readonly Hostdev[] {
  const { mdevs } = parseDomain(text, { file });
  return hostdevs.map((one) => mdevs.find(({ uuid }) => uuid === one.uuid) ?? one);
}

/** Claims the groups and writes the file, both or none. */
async function claimAround(
  { args, connect, output }: CommandContext,
  names: readonly string[],
  domain: DomainRef,
  write: () => Promise<void>,
): Promise<void> {
  const host = await connect();
  const groups = await host.claimDevices(names, domain, { adopt: args.get(adoptOption) });
  try {
    await write();
  } catch (error) {
    for (const { name } of groups) await host.release(name);
    throw error;
  }
  if (args.get(into) === STANDARD) return;
  for (const { name } of groups) output.tell(messages.claimed(name, domain.name));
}

function domainOf(text: string, file: string | undefined): DomainRef {
  const { name, uuid } = parseDomain(text, { file });
  if (name !== undefined && name !== '') return { name, uuid };
  throw new NodedevError('domain-invalid', `${file}: a domain without a name can claim nothing`, {
    hint: 'give the domain a <name>',
  });
}

/** Decodes a domain file. Bytes that are no UTF-8 would be changed when it is written, so they are refused. */
function decode(text: string | Uint8Array, file: string | undefined): string {
  if (typeof text === 'string') return text;
  if (!isUtf8(text)) throw new NodedevError('xml-encoding', `${file}: not UTF-8`);
  return Buffer.from(text).toString('utf8');
}
