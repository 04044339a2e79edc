import { commands } from '../src/cli/commands.ts';
import type { Command, CommandEntry } from '../src/cli/command.ts';
import { exitCodes, refusalKinds } from '../src/cli/exit-codes.ts';
import { optionForm, PROGRAM, synopsis } from '../src/cli/help.ts';
import { globalOptions, type Option } from '../src/cli/options.ts';
import { version } from '../src/cli/version.ts';

/** What the command reads from its environment. */
export const environment = [
  ['VIRT_NODEDEV_URI', 'the host to work on when there is no --connect'],
  ['VIRT_NODEDEV_SSH', 'the program to start for ssh://… instead of ssh'],
  ['NO_COLOR', 'when it is set to anything, topology prints no colours (no-color.org)'],
  ['TERM', 'topology prints no colours on a terminal that is "dumb"'],
  [
    'LC_ALL, LC_CTYPE, LANG',
    'topology keeps to ASCII when the first of them that is set names no UTF-8',
  ],
] as const;

/** Files below the root of a host: / on a real one, the directory of a simulated one. */
const FILES = [
  ['/etc/mdevctl.d', "definitions of devices, which are mdevctl's; its scripts there are run too"],
  ['/var/lib/virt-nodedev', 'groups, owners and names of defined devices; the journal of changes'],
  ['/run/virt-nodedev', 'the same of active devices, until the next boot'],
  ['/etc/libvirt/qemu, /run/libvirt/qemu', 'domains of libvirt: read, to see whose a device is'],
  ['/sys/class/mdev_bus, /sys/bus/mdev', "the kernel's mediated devices and their parents"],
  [
    '/etc/libvirt/hooks/qemu',
    "where samples/libvirt-hooks/qemu goes, so that libvirt starts a domain's devices",
  ],
] as const;

const HOSTS = [
  ['sysfs:///', 'this host; the default'],
  ['sim://DIRECTORY', 'a simulated host, made by sim init'],
  ['test:///default', 'a simulated Tesla M60 in memory, gone when the command ends'],
] as const;

/** The text of `virt-nodedev.1`, from the tables that --help is printed from. */
export async function manPage(): Promise<string> {
  const shown = commands.filter(({ summary }) => summary !== undefined);
  const loaded = await Promise.all(
    shown.map(async (entry) => [entry, (await entry.load()).command] as const),
  );
  return `${[
    '.\\" Made from the tables of the command by `npm run man`.',
    `.TH VIRT\\-NODEDEV 1 "" "${PROGRAM} ${version()}"`,
    // Words to be copied are not broken, nor are lines stretched.
    '.nh',
    '.ad l',
    '.SH NAME',
    `${escaped(PROGRAM)} \\- manage mediated devices (vGPUs) from libvirt node device XML`,
    '.SH SYNOPSIS',
    `.B ${escaped(PROGRAM)}`,
    escaped('[options] <command> [arguments]'),
    '.SH DESCRIPTION',
    ...paragraph(
      'Creates, groups and removes Linux mediated devices from libvirt node device XML, reads them back as XML, and ' +
        "puts them into a VM's configuration: on this host through sysfs, or on a simulated host. Commands of virsh " +
        'answer to its names too: nodedev-list is list.',
    ),
    '.SH OPTIONS',
    ...globalOptions.flatMap(optionItem),
    '.SH HOSTS',
    ...HOSTS.flatMap(([name, meaning]) => item(bold(name), meaning)),
    '.SH COMMANDS',
    ...loaded.flatMap(([entry, command]) => commandSection(entry, command)),
    '.SH EXIT STATUS',
    ...exitCodes.flatMap(([code, meaning]) => item(bold(String(code)), meaning)),
    ...paragraph('Why something is refused with 1 stands in the code of the error in JSON:'),
    ...refusalKinds.flatMap(([kind, codes]) => item(escaped(kind), codes.join(', '))),
    '.SH ENVIRONMENT',
    ...environment.flatMap(([name, meaning]) => item(bold(name), meaning)),
    '.SH FILES',
    ...FILES.flatMap(([name, meaning]) => item(bold(name), meaning)),
    '.SH SEE ALSO',
    '.BR virsh (1),',
    '.BR mdevctl (8)',
  ].join('\n')}\n`;
}

function commandSection(entry: CommandEntry, command: Command): readonly string[] {
  const { arguments: places, options, examples, description } = command;
  return [
    `.SS ${escaped(entry.name)}`,
    ...paragraph(`${entry.summary ?? ''}.`),
    '.PP',
    `.B ${escaped(synopsis(entry, command))}`,
    ...(description?.split(/\n\n/u) ?? []).flatMap((part) => ['.PP', ...paragraph(part)]),
    ...places.flatMap(({ name, summary }) => item(bold(`<${name}>`), summary)),
    ...options.flatMap(optionItem),
    ...examples.flatMap(([line, meaning]) => [
      '.PP',
      `${escaped(meaning)}:`,
      '.PP',
      '.RS 4',
      '.EX',
      escaped(`${PROGRAM} ${line}`),
      '.EE',
      '.RE',
    ]),
  ];
}

function optionItem(option: Option<unknown>): readonly string[] {
  const others = option.aliases ?? [];
  const names = others.map((name) => (name.length === 1 ? `-${name}` : `--${name}`));
  return item([...names, optionForm(option)].map(bold).join(', '), option.summary);
}

/** @param tag already escaped */
function item(tag: string, meaning: string): readonly string[] {
  return ['.TP', tag, ...paragraph(meaning)];
}

function paragraph(text: string): readonly string[] {
  return [escaped(text.replaceAll(/\s+/gu, ' '))];
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

/** Text as roff prints it as it is: no escape, no request at the start of a line, hyphens that can be copied. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('`', '\\(ga')
    .replaceAll("'", '\\(aq')
    .replaceAll(/^\./gu, '\\&.');
}
