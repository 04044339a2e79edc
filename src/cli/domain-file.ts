import { isUtf8 } from 'node:buffer';
import { addressText, pciAddressText } from '../domain/address.ts';
import { type DomainRef, isSameDomain } from '../policy/domain-ref.ts';
import type { FormatHostdevOptions } from '../domain/format-hostdev.ts';
import { pciFunctionOf } from '../domain/domain.ts';
import type { Hostdev } from '../domain/hostdev.ts';
import { insertHostdev, type InsertOptions, removeHostdev } from '../domain/insert-hostdev.ts';
import type { RemoveOptions } from '../domain/edit-options.ts';
import { replaceHostdev } from '../domain/replace-hostdev.ts';
import { parseDomain } from '../domain/parse-domain.ts';
import { type Issue, NodedevError } from '../errors.ts';
import type { GroupInfo } from '../engine/listed-device.ts';
import { addressOf, nodeDeviceName, nodeDeviceSuffix, parseMdevName } from '../nodedev/names.ts';
import type { CommandContext } from './command.ts';
import { readSource, replaceFile, STANDARD } from './files.ts';
import * as messages from './messages.ts';
import { dryRunOption } from './options.ts';

/** A change of a domain's file in place, or from standard input to standard output. */
interface Edit extends FormatHostdevOptions {
  readonly file: string;
  /** The domain is to own the groups of these devices, and no longer those of which it has none any more. */
  readonly claims?: { readonly names: readonly string[]; readonly adopt: boolean } | undefined;
}

/** Puts hostdevs into a domain. Those that it has already are left. */
export async function insertIntoDomain(
  context: CommandContext,
  edit: Edit & Pick<InsertOptions, 'address' | 'properties'>,
  names: readonly string[],
  hostdevs: readonly Hostdev[],
): Promise<void> {
  const { before, source } = await readDomainFile(context, edit.file);
  const { dialect, address, properties } = edit;
  const options = { dialect, address, properties, file: source };
  const after = insertHostdev(before, hostdevs, options);
  const isAuto = edit.address === 'auto';
  const inserted = isAuto ? asWritten(after, source, hostdevs) : hostdevs;
  await write(context, edit, before, after, () => refuseInvalid(context, source, before, after));
  const { output } = context;
  output.report('hostdev', { file: edit.file, hostdevs: inserted });
  if (edit.file === STANDARD) return;
  for (const [index, name] of names.entries()) {
    const one = inserted[index];
    const at = one?.function && { [pciAddressText(one.function)]: one.uuid };
    const isNew = one !== undefined && !namesDevice(before, one.uuid, at);
    output.tell((isNew ? messages.insertedHostdev : messages.hostdevPresent)(name, edit.file));
    if (isAuto && isNew && one.address !== undefined) {
      output.tell(messages.chosenAddress(name, addressText(one.address)));
    }
  }
  if (after === before) return;
  if (Object.keys(edit.properties ?? {}).length > 0) output.tell(messages.overrideNeeds);
  if (hostdevs.some(({ iommufd }) => iommufd === true)) output.tell(messages.iommufdNeeds);
  if (hostdevs.some((one) => one.function !== undefined && one.display === true)) {
    output.tell(messages.functionDisplayNeeds);
  }
}

/** Takes devices out of a domain, also those that the host no longer has. */
export async function removeFromDomain(
  context: CommandContext,
  edit: Edit,
  names: readonly string[],
): Promise<void> {
  const { before, source } = await readDomainFile(context, edit.file);
  const uuids: string[] = [];
  for (const name of names) uuids.push(await uuidOf(context, name));
  const functions = await functionsOf(context, names, before);
  const after = removeHostdev(before, uuids, { file: source, functions });
  const { claims } = edit;
  await write(context, { ...edit, claims: claims && { ...claims, names: [] } }, before, after);
  const removed = uuids.filter((uuid) => namesDevice(before, uuid, functions));
  const { output } = context;
  output.report('hostdev', { file: edit.file, removed });
  if (edit.file === STANDARD) return;
  for (const [index, name] of names.entries()) {
    const wasThere = removed.includes(uuids[index] ?? '');
    output.tell((wasThere ? messages.removedHostdev : messages.hostdevAbsent)(name, edit.file));
  }
}

/** Gives a domain a device in place of another one. */
export async function replaceInDomain(
  context: CommandContext,
  edit: Edit,
  oldName: string,
  newName: string,
  hostdev: Hostdev,
): Promise<void> {
  const { before, source } = await readDomainFile(context, edit.file);
  const old = await uuidOf(context, oldName);
  const functions = await functionsOf(context, [oldName], before);
  const after = replaceHostdev(before, old, hostdev, { file: source, functions });
  const hostdevs = asWritten(after, source, [hostdev]);
  await write(context, edit, before, after, () => refuseInvalid(context, source, before, after));
  const changed = after !== before;
  const { output } = context;
  output.report('hostdev', { file: edit.file, hostdevs, removed: changed ? [old] : [] });
  if (edit.file === STANDARD) return;
  output.tell(
    changed
      ? messages.replacedHostdev(newName, oldName, edit.file)
      : messages.hostdevPresent(newName, edit.file),
  );
}

/** The hostdevs as the domain has them: with addresses, and settings of the one before. */
function asWritten(
  text: string,
  file: string | undefined,
  hostdevs: readonly Hostdev[],
): readonly Hostdev[] {
  const uuids = new Map(
    hostdevs.map((one) => [one.function && pciAddressText(one.function), one.uuid]),
  );
  const { mdevs } = parseDomain(text, { file, uuidOf: (name) => uuids.get(name) });
  return hostdevs.map((one) => mdevs.find(({ uuid }) => uuid === one.uuid) ?? one);
}

const namesDevice = (text: string, uuid: string, functions?: FunctionUuids): boolean =>
  removeHostdev(text, uuid, { functions }) !== text;

type FunctionUuids = NonNullable<RemoveOptions['functions']>;

/**
 * The uuids of those devices that are functions, by the address that the domain names. Of a device that the host no longer has,
 * the name says the function. A PCI function may be named itself; it is its own uuid then.
 */
async function functionsOf(
  context: CommandContext,
  names: readonly string[],
  domain: string,
): Promise<FunctionUuids> {
  const places = parseDomain(domain).hostdevs.flatMap(
    ({ element }) => pciFunctionOf(element) ?? [],
  );
  if (places.length === 0) return {};
  const connection = await context.connect();
  const functions: Record<string, string> = {};
  for (const name of names) {
    const uuid = await uuidOf(context, name);
    const suffix = parseMdevName(name)?.parentSuffix;
    const place = places.find((at) => at === uuid || nodeDeviceSuffix(at) === suffix);
    if (place === uuid) functions[place] = place;
    const device = await unlessUnknown(connection.lookup(name));
    const mdev = device?.capabilities.find((one) => one.kind === 'mdev');
    if (mdev?.function !== undefined) functions[pciAddressText(mdev.function)] = uuid;
    // Of a mediated device the name says the GPU, which the domain may have as a whole.
    else if (place !== undefined && device === undefined) {
      const parent = await unlessUnknown(connection.lookup(nodeDeviceName('pci', place)));
      const pci = parent?.capabilities.find((one) => one.kind === 'pci');
      const isVirtual = pci?.capabilities.some(({ kind }) => kind === 'phys_function');
      if (isVirtual === true) functions[place] = uuid;
    }
  }
  return functions;
}

/** The result; undefined when the host has no such device. */
const unlessUnknown = async <T>(result: Promise<T>): Promise<T | undefined> =>
  result.catch((error: unknown) => {
    if (error instanceof NodedevError && error.code === 'device-unknown') return undefined;
    throw error;
  });

async function readDomainFile(
  { io }: CommandContext,
  file: string,
): Promise<{ readonly before: string; readonly source: string | undefined }> {
  const { text, file: source } = await readSource(io, file);
  return { before: decode(text, source), source };
}

/** A name says the uuid, or the host knows it. A PCI function has an address instead. */
async function uuidOf({ connect }: CommandContext, name: string): Promise<string> {
  const known = parseMdevName(name)?.uuid;
  if (known !== undefined) return known;
  const address = addressOf(name);
  if (/^[0-9a-f]{4,8}(?::[0-9a-f]{2}){2}\.[0-7]$/u.test(address)) return address;
  return (await (await connect()).info(name)).uuid ?? name;
}

/**
 * Refuses a change that brings an error which the domain did not have. Others are not the change's.
 *
 * @throws NodedevError `domain-invalid`
 */
async function refuseInvalid(
  { connect }: CommandContext,
  file: string | undefined,
  before: string,
  after: string,
): Promise<void> {
  if (before === after) return;
  const connection = await connect();
  const errors = async (text: string): Promise<readonly Issue[]> =>
    (await connection.validate([{ text, file }])).flatMap(({ issues }) =>
      issues.filter(({ severity }) => severity === 'error'),
    );
  // The same mistake is in another line when something was inserted before it.
  const key = ({ code, message }: Issue): string =>
    `${code} ${message.replaceAll(/\bline \d+/gu, 'line')}`;
  const known = new Set((await errors(before)).map(key));
  const [first, ...others] = (await errors(after)).filter((issue) => !known.has(key(issue)));
  if (first === undefined) return;
  throw new NodedevError('domain-invalid', `${messages.wouldBeInvalid}: ${first.message}`, {
    hint: first.hint,
    issues: others,
  });
}

async function write(
  context: CommandContext,
  { file, claims }: Edit,
  before: string,
  after: string,
  check: () => Promise<void> = async () => {},
): Promise<void> {
  const { args, io, output } = context;
  const put = async (): Promise<void> => {
    await check();
    if (file === STANDARD) output.printExactly(after);
    else if (after !== before) {
      if (!args.get(dryRunOption)) await replaceFile(io, file, after);
      output.noteChange();
    }
  };
  if (claims === undefined) await put();
  else await claimAround(context, file, claims, before, after, put);
}

/** Claims and releases the groups and writes the file, all of it or nothing. */
async function claimAround(
  { connect, output }: CommandContext,
  file: string,
  { names, adopt }: NonNullable<Edit['claims']>,
  before: string,
  after: string,
  put: () => Promise<void>,
): Promise<void> {
  const host = await connect();
  const domain = domainOf(after, file);
  const claimed = names.length === 0 ? [] : await host.claimDevices(names, domain, { adopt });
  const groups = await host.groups();
  // A domain names a function by its address.
  const uuids = new Map(
    groups.flatMap(({ members }) => members.map((one) => [one.parentAddress, one.uuid] as const)),
  );
  const namedIn = (text: string): ReadonlySet<string | undefined> =>
    new Set(parseDomain(text, { uuidOf: (at) => uuids.get(at) }).hostdevs.map(({ uuid }) => uuid));
  const now = namedIn(after);
  const gone = new Set([...namedIn(before)].filter((uuid) => !now.has(uuid)));
  const released: GroupInfo[] = [];
  try {
    for (const group of groups) {
      const { name, owner, members } = group;
      const isOwn = owner?.by === 'claim' && isSameDomain(owner, domain);
      const hasLeft = members.some(({ uuid }) => gone.has(uuid));
      if (!isOwn || !hasLeft || members.some(({ uuid }) => now.has(uuid))) continue;
      await host.release(name);
      released.push(group);
    }
    await put();
  } catch (error) {
    for (const { name } of claimed) await host.release(name);
    for (const { name, owner = domain } of released) await host.claim(name, owner);
    throw error;
  }
  if (file === STANDARD) return;
  for (const { name } of released) output.tell(messages.released(name));
  for (const { name } of claimed) output.tell(messages.claimed(name, domain.name));
}

function domainOf(text: string, file: string): DomainRef {
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
