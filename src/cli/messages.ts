/**
 * The command's sentences. Those of virsh are unchanged, because users search for them
 * (tools/vsh.c for the command line, tools/virsh-nodedev.c for the commands).
 */

import { shellWord } from '../shell-word.ts';

// The command line.

export const unknownCommand = (word: string): string => `unknown command: '${word}'`;

export const standardInputTwice = 'standard input (-) is given twice';

export const missingCommand = 'no command given';

export const unsupportedOption = (word: string): string =>
  `unsupported option '${word}'. See --help.`;

export const unknownOption = (command: string, word: string): string =>
  `command '${command}' doesn't support option ${word}`;

export const missingArgument = (command: string, name: string): string =>
  `command '${command}' requires <${name}> option`;

export const missingOption = (command: string, name: string): string =>
  `command '${command}' requires --${name} option`;

export const missingValue = (name: string, kind: 'string' | 'number'): string =>
  `expected syntax: --${name} <${kind}>`;

export const valueNotTaken = (name: string): string => `invalid '=' after option --${name}`;

export const repeatedOption = (name: string): string => `option --${name} already seen`;

export const unexpectedData = (word: string): string => `unexpected data '${word}'`;

export const malformedNumber = (name: string, value: string): string =>
  `Numeric value '${value}' for <${name}> option is malformed or out of range`;

export const invalidChoice = (name: string, value: string): string =>
  `invalid value '${value}' for option --${name}`;

export const incompatible = (name: string, others: string): string =>
  `Option --${name} is incompatible with ${others}`;

export const exclusive = (one: string, other: string): string =>
  `Options --${one} and --${other} are mutually exclusive`;

export const needsOption = (name: string, other: string): string =>
  `Option --${name} requires --${other}`;

export const forOneDevice = (name: string): string => `Option --${name} is for one device only`;

export const unknownRule = (code: string): string => `unknown rule '${code}'`;

export const otherXmlSkipped = (count: number): string =>
  `${count} other XML ${count === 1 ? 'file' : 'files'} skipped`;

export const tooManyEntries = (limit: number): string =>
  `it has more than ${limit.toLocaleString('en-US')} entries`;
export const nestedTooDeep = (limit: number): string =>
  `it is nested more than ${limit} directories deep`;
export const tooManyFolderWildcards = (limit: number): string =>
  `a pattern in it has more than ${limit} times **`;
export const noXmlFiles = (directory: string): string => `no *.xml file in '${directory}'`;

export const emptyHint =
  'is the path right? With --prune --allow-empty it is a state without devices';

export const unknownCapability = 'Invalid capability type';

export const didYouMean = (word: string): string => `did you mean ${word}?`;

export const seeHelp = (command?: string): string =>
  `see virt-nodedev ${command === undefined ? '' : `${command} `}--help`;

export const oneOf = (values: readonly string[]): string => `use ${values.join(', ')}`;

export const noHost = (word: string): string =>
  `no host '${word}': it is no URI, no directory and no profile`;

export const hosts =
  'use sysfs:/// (this host), DIR (a simulated host, or another root), libvirt:URI or a profile: virt-nodedev sim profiles';

export const fileOrType = 'name a FILE, or describe the device: --parent PARENT --type TYPE';

export const nameAndValue = 'write --attr NAME=VALUE';

// Results of commands.

export const created = (device: string, source: string): string =>
  `Node device ${device} created from ${source}`;

export const defined = (device: string, source: string): string =>
  `Node device '${device}' defined from '${source}'`;

/** With --if-not-exists: made now or before. */
export const isThere = (device: string): string => `Node device ${device} is there`;

export const autostartKept = (device: string): string => `Device ${device} stays autostarted`;

export const setUp = (card: string, what: string): string => `Set up '${card}': ${what}`;
export const undefinedDevice = (device: string): string => `Undefined node device '${device}'`;

export const started = (device: string): string => `Device ${device} started`;

export const autostarted = (device: string, enabled: boolean): string =>
  `Device ${device} ${enabled ? 'marked' : 'unmarked'} as autostarted`;

export const updated = (
  device: string,
  { live, config }: { readonly live: boolean; readonly config: boolean },
): string => {
  const parts = [...(config ? ['persistent config'] : []), ...(live ? ['live state'] : [])];
  return `Updated node device ${device} ${parts.join(' and ')}`;
};

export const adopted = (device: string): string => `Node device '${device}' adopted`;

export const destroyed = (device: string): string => `Destroyed node device '${device}'`;

export const claimed = (group: string, domain: string): string =>
  `Group '${group}' claimed for domain '${domain}'`;

/** A group's owner, and how it is known. */
export const ownerText = (domain: string, by: 'claim' | 'open' | 'running' | 'defined'): string =>
  `${domain} (${OWNED[by]})`;

const OWNED = {
  claim: 'claimed',
  open: 'has it open',
  running: 'runs with it',
  defined: 'has it in its configuration',
} as const;

export const groupCreated = (group: string, members: number): string =>
  `Group '${group}' created with ${members} ${members === 1 ? 'member' : 'members'}`;

export const groupJoined = (device: string, group: string): string =>
  `Node device ${device} added to group '${group}'`;

export const groupLeft = (device: string, group: string): string =>
  `Node device ${device} removed from group '${group}'`;

export const groupChangeFailed = (group: string): string => `Failed to change group '${group}'`;

export const released = (group: string): string => `Group '${group}' released`;

export const orphanFound = (device: string, group: string, age: string): string =>
  `Orphan node device '${device}': transient, not in use, group '${group}' has no owner${age}`;

export const createdAgo = (seconds: number): string => `, created ${seconds} s ago`;

export const forgotten = (device: string, dryRun: boolean): string =>
  `${dryRun ? 'Remembered but gone' : 'Forgot'}: '${device}'`;

export const noOrphans = 'No orphans found';

export const insertedHostdev = (device: string, file: string): string =>
  `Node device ${device} added to '${file}'`;

export const hostdevPresent = (device: string, file: string): string =>
  `Nothing to do: node device ${device} is in '${file}' already`;

export const removedHostdev = (device: string, file: string): string =>
  `Node device ${device} removed from '${file}'`;

export const hostdevAbsent = (device: string, file: string): string =>
  `Nothing to do: node device ${device} is not in '${file}'`;

export const replacedHostdev = (device: string, old: string, file: string): string =>
  `Node device ${device} takes the place of ${old} in '${file}'`;

export const wouldBeInvalid = 'the domain would be refused';

export const plainFunction = (kind: string): string =>
  `none: nothing needs to be created (${kind})`;

export const exportFailed = 'Failed to export';

export const exportNeeds = (manager: string, option: string): string =>
  `export ${manager} needs --${option}`;

export const exportTypeUnknown = (type: string): string =>
  `no GPU of this host offers one type '${type}'`;

export const exportTypeHint = 'types lists them; an id is never ambiguous';

export const subdomain = (limit: number): string =>
  `lower case letters, digits, hyphens and dots, at most ${limit}, as a DNS name`;

export const computeProvider = (node: string): string =>
  `the uuid of the compute node's provider: openstack resource provider list --name ${node}`;

export const draDriver =
  'the DRA driver that prepares the devices on the node, as its ResourceSlices name it';

export const andAlike = (count: number): string => ` and ${count} like it`;

export const overrideNeeds = '<qemu:override> needs libvirt 8.2 or newer';

export const openedByGroup = (device: string): string =>
  `${device} has no file of its own: the file of its IOMMU group is used, without iommufd`;

/** libvirt NEWS 12.1 and 10.3. */
export const iommufdNeeds = "<driver iommufd='yes'/> needs libvirt 12.1 or newer";
export const functionDisplayNeeds = 'display and ramfb of a PCI device need libvirt 10.3 or newer';

export const domainsCheckedFor =
  'In domains: all names, and host devices with what they need; --schema libvirt checks all';

export const chosenAddress = (device: string, address: string): string =>
  `${device} gets the address ${address} in the guest`;

export const hostCreated = (directory: string, profile: string): string =>
  `Simulated host '${directory}' created from profile '${profile}'`;

export const hostUri = (uri: string): string =>
  `Connect to it with: virt-nodedev -c ${shellWord(uri)}`;

export const hostReset = (uri: string): string => `Simulated host '${uri}' reset`;

export const plugged = (device: string): string => `Device ${device} plugged in`;

export const unplugged = (device: string): string => `Device ${device} unplugged`;

export const driverBound = (device: string): string => `Driver of ${device} bound`;

export const driverUnbound = (device: string): string => `Driver of ${device} unbound`;

export const mounted = (directory: string, mountpoint: string): string =>
  `Simulated host '${directory}' mounted at ${mountpoint}`;

export const attached = (device: string, socket: string): string =>
  `Device ${device} attached at ${socket}`;

export const opened = (device: string): string => `Device ${device} opened`;

export const closed = (device: string): string => `Device ${device} closed`;

export const noStreams = (command: string): string =>
  `${command} needs standard input and output of its own`;

export const migrateFailed = (file: string): string =>
  `Failed to prepare the move of the domain in ${file}`;

export const arrived = (from: string, uuid: string, type: string, parent: string): string =>
  `Device ${uuid} (${type} on ${parent}) created in place of ${from}`;

export const metricsFailed = 'Failed to measure the host';

export const metricsServed = (url: string): string => `Metrics are at ${url}`;

export const malformedAddress = (words: string): string =>
  `malformed address '${words}' in option '--listen': HOST:PORT, [IPV6]:PORT or :PORT`;

export const nothingToRecover = 'Nothing to recover';

export const recoveryFailed = 'Failed to recover';

export const noProblems = 'No problems found';

export const lifecycleEvent = (device: string, change: string): string =>
  `event 'lifecycle' for node device ${device}: ${change}`;

export const updateEvent = (device: string): string => `event 'update' for node device ${device}`;

export const eventsReceived = (count: number): string => `events received: ${count}`;

export const eventsTimedOut = 'event loop timed out';

export const eventsInterrupted = 'event loop interrupted';

/** The source of a host's events. */
export const listening = {
  udev: 'listening to the kernel (udevadm)',
  poll: 'looking every 200 ms (udevadm does not run here): what comes and goes in between is not seen',
  log: 'listening to the simulated host',
  memory: 'listening to the host in memory',
} as const;

/** Whether a group is open. */
export const openUnknown = 'unknown: only root may see who has a device open';

export const eventTypeMissing = 'either --list or --event <type> is required';

export const unknownEventType = (type: string): string => `unknown event type ${type}`;

// First lines of failures. The second line is the reason.

export const createFailed = (source: string): string =>
  `Failed to create node device from ${source}`;

export const defineFailed = (source: string): string =>
  `Failed to define node device from '${source}'`;

export const undefineFailed = (device: string): string =>
  `Failed to undefine node device '${device}'`;

export const undefineGroupFailed = (group: string): string =>
  `Failed to undefine the devices of group '${group}'`;

export const startDeviceFailed = (device: string): string => `Failed to start device ${device}`;

export const startGroupFailed = (group: string): string => `Failed to start group '${group}'`;

export const startParentFailed = (parent: string): string =>
  `Failed to start the devices of '${parent}'`;

/** @param what `device NAME`, or `the devices of group 'NAME'` */
export const autostartFailed = (what: string, enabled: boolean): string =>
  `failed to ${enabled ? 'mark' : 'unmark'} ${what} as autostarted`;

export const updateFailed = (device: string, source: string): string =>
  `Failed to update node device ${device} from '${source}'`;

export const destroyFailed = (device: string): string =>
  `Failed to destroy node device '${device}'`;

export const destroyGroupFailed = (group: string): string => `Failed to destroy group '${group}'`;

export const deviceNotFound = (device: string): string =>
  `Could not find matching device '${device}'`;

export const listFailed = 'Failed to list node devices';

export const agentFailed = (host: string): string => `Failed to serve host '${host}'`;
export const agentServes = (host: string): string => `Serving host '${host}' until interrupted`;
export const agentGoesOn = 'It works again';
export const reserveFailed = 'Failed to reserve';
export const fleetApplyFailed = 'Failed to have reservations carried out';
export const fleetReleaseFailed = 'Failed to release reservations';
export const fleetStatusFailed = 'Failed to read the fleet';
export const wouldBeWritten = 'nothing is written; this would be:';
export const malformedReservation = (word: string): string => `'${word}' is not DOMAIN=TYPE`;
export const noEtcdPassword = 'the password of --etcd-user is not in VIRT_NODEDEV_ETCD_PASSWORD';

export const claimFailed = (group: string): string => `Failed to claim group '${group}'`;

export const releaseFailed = (group: string): string => `Failed to release group '${group}'`;

export const gcFailed = 'Failed to look for orphans';

export const prepareFailed = (domain: string): string =>
  `Failed to prepare the devices of domain '${domain}'`;

export const releaseDomainFailed = (domain: string): string =>
  `Failed to release the devices of domain '${domain}'`;

export const initFailed = (directory: string): string =>
  `Failed to create simulated host '${directory}'`;

/** The virtual functions of a card, and how many of them have no device. */
export const cardFunctions = (
  product: string | undefined,
  functions: number,
  free: number,
  [first, last]: readonly [first: string, last: string],
): string =>
  `${product === undefined ? '' : `${product}: `}${functions} functions, ${first} to ${last}, of which ${free} are free (--all lists each)`;

export const captureFailed = 'Failed to capture the host';

export const importFailed = (file: string): string => `Failed to import the types in '${file}'`;

export const resetFailed = 'Failed to reset the simulated host';

export const faultFailed = 'Failed to set what a call meets';

export const callUnknown = (word: string, calls: readonly string[]): string =>
  `'${word}' is no call of a simulated host; there are ${calls.join(', ')}`;

export const callsFail = (call: string, errno: string, times: number): string => {
  if (times === 0) return `No ${call} fails any more`;
  const which = times === 1 ? `The next ${call}` : `The next ${times} calls of ${call}`;
  const verb = times === 1 ? 'fails' : 'fail';
  const seem = times === 1 ? 'only seems to be done' : 'only seem to be done';
  return errno === 'none' ? `${which} ${seem}` : `${which} ${verb} with ${errno}`;
};

export const callsTakeLonger = (call: string, milliseconds: number): string =>
  `Each ${call} takes ${milliseconds} ms longer`;

export const plugFailed = (device: string): string => `Failed to plug in '${device}'`;

export const unplugFailed = (device: string): string => `Failed to unplug '${device}'`;

export const bindFailed = (device: string): string => `Failed to bind the driver of '${device}'`;

export const unbindFailed = (device: string): string =>
  `Failed to unbind the driver of '${device}'`;

export const mountFailed = (directory: string): string =>
  `Failed to mount the simulated host '${directory}'`;

export const runFailed = (command: string): string => `Failed to run '${command}'`;

export const insertFailed = (file: string): string =>
  `Failed to change the host devices of '${file}'`;

export const startFailed = (source: string): string => `Failed to start domain from ${source}`;

export const stopFailed = (domain: string): string => `Failed to stop domain '${domain}'`;

export const connectFailed = 'failed to connect to the host';

export const topologyFailed = 'Failed to show the topology';

export const predictFailed = 'Failed to predict';

export const explainFailed = (type: string): string => `Failed to explain type '${type}'`;

export const domainUnbound = (file: string): string =>
  `${file}: the domain is bound to no NUMA node of this host`;

export const placeFailed = 'Failed to find a place';

/** The cost of a placement, and whether a better one is possible. */
export function placementCost(policy: 'pack' | 'spread', cost: number, bound: number): string {
  const what =
    policy === 'pack'
      ? `Cards started on: ${cost}`
      : `Sum over all cards of their devices squared: ${cost}`;
  if (cost === bound) return `${what}; no placement has less.`;
  const gap = (((cost - bound) / Math.max(1, bound)) * 100).toFixed(1);
  return `${what}; no placement has less than ${bound} (gap at most ${gap} %).`;
}

export const planFailed = 'Failed to make a plan';

export const applyFailed = 'Failed to apply';

export const compareFailed = 'Failed to compare with the host';

export const nothingToDo = 'Nothing to do: the host is as desired';

export const nothingMoreToDo = 'Nothing to do';

export const asDesired = 'The host is as desired';

export const notApplicable = 'This cannot be done:';

export const planOrPath = 'give either PATH or --plan FILE';

export const requiresGroup =
  '  Several devices of the card in one VM must be in one group (setting requires-group).';

/** What is told of a dry run. */
export const dryRun = (sentence: string): string => `dry run: ${sentence}`;

export const noSuchHost = (word: string): string =>
  `no host of the fleet has the name or label '${word}'`;

export const hostHeading = (name: string): string => `== ${name} ==`;

export function hostCount(states: readonly ('answered' | 'refused' | 'unknown')[]): string {
  const counts = (['answered', 'refused', 'unknown'] as const)
    .map((state) => [state, states.filter((each) => each === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`);
  return `${states.length} ${states.length === 1 ? 'host' : 'hosts'}: ${counts.join(', ') || 'none'}`;
}

export const unplaced = (count: number): string =>
  count === 1
    ? 'no host has room for one of the devices'
    : `no host has room for ${count} of the devices`;
