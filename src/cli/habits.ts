/**
 * What users of virsh and mdevctl write out of habit and what has another name here, or is not done here at all.
 * Sources: virsh(1), "NODEDEV COMMANDS" and "DEVICE COMMANDS"; mdevctl(8).
 */

const pciDevices =
  'virt-nodedev takes no PCI device from its driver, resets none, and gives none back: `virsh nodedev-detach`, `nodedev-reset` and `nodedev-reattach` do';
const domains =
  '`virt-nodedev hostdev DEVICE --into DOMAIN.xml` (or --remove) changes the XML of a domain; `virt-nodedev hostdev DEVICE | virsh attach-device DOMAIN /dev/stdin` a running one';
const ending =
  'use destroy for an active device, undefine for its definition, group remove for its place in a group';
const emptying =
  'a group goes with its last member: `virt-nodedev destroy --group GROUP` and `virt-nodedev undefine --group GROUP`, or group remove takes devices out';
const removing = 'a simulated host is its directory: remove that';

const WORDS: Readonly<Partial<Record<string, string>>> = {
  // virsh
  'nodedev-detach': pciDevices,
  'nodedev-dettach': pciDevices,
  'nodedev-reset': pciDevices,
  'nodedev-reattach': pciDevices,
  detach: pciDevices,
  reset: `${pciDevices}; a simulated host is reset by \`virt-nodedev sim reset\``,
  reattach: pciDevices,
  'attach-device': domains,
  'detach-device': domains,
  edit: '`virt-nodedev dumpxml --inactive DEVICE > FILE`, then `virt-nodedev define FILE`',
  // mdevctl
  stop: 'use destroy: it is the name in virsh',
  modify: 'use update DEVICE FILE, and autostart DEVICE for its start',
  // both, and others
  remove: ending,
  delete: ending,
  rm: ending,
  'group new': 'use group create',
  'group delete': emptying,
  'group destroy': emptying,
  'group undefine': emptying,
  'group rm': emptying,
  'sim create': 'use sim init',
  'sim new': 'use sim init',
  'sim delete': removing,
  'sim destroy': removing,
  'sim remove': removing,
  'sim rm': removing,
};

/** By the command that the option was written to. */
const OPTIONS: Readonly<Partial<Record<string, Readonly<Partial<Record<string, string>>>>>> = {
  list: {
    '-d': 'use --all --persistent',
    '--defined': 'use --all --persistent',
    '-v': 'use --long',
    '--verbose': 'use --long',
    '-u': 'use info UUID',
    '--uuid': 'use info UUID',
    '--dumpjson': 'use --json, or dumpxml DEVICE',
  },
  types: { '-p': 'use types PARENT', '--dumpjson': 'use --json' },
  start: {
    '-p': 'use create --parent PARENT --type TYPE',
    '--parent': 'use create --parent PARENT --type TYPE',
    '-u': 'use start UUID',
    '--uuid': 'use start UUID',
    '--jsonfile': 'use create FILE',
  },
  define: {
    '-u': 'use --uuid UUID',
    '-p': 'use --parent PARENT',
    '-t': 'use --type TYPE',
    '--jsonfile': 'use define FILE',
    '-a': 'use --autostart',
    '--auto': 'use --autostart',
  },
  undefine: { '-u': 'use undefine UUID', '--uuid': 'use undefine UUID' },
};

/** What does here what this word does in virsh or mdevctl. */
export function habitOfWord(word: string): string | undefined {
  return Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
}

/** As {@link habitOfWord}, for an option of a command. */
export function habitOfOption(command: string, option: string): string | undefined {
  const ofCommand = Object.hasOwn(OPTIONS, command) ? OPTIONS[command] : undefined;
  return ofCommand !== undefined && Object.hasOwn(ofCommand, option)
    ? ofCommand[option]
    : undefined;
}
