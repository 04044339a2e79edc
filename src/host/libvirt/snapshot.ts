import { NodedevError } from '../../errors.ts';
import type { DomainText } from '../domain-text.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import { parseNodeDevice } from '../../nodedev/parse.ts';
import { isUuid } from '../../nodedev/uuid.ts';
import { HostError } from '../host.ts';
import { virsh, virshOne } from './virsh.ts';

/** What libvirt says of a host at one time. */
export interface LibvirtSnapshot {
  /** Those that are there. */
  readonly devices: readonly NodeDevice[];
  /** Definitions of mediated devices, active or not. */
  readonly defined: readonly LibvirtDefinition[];
  /** Devices whose XML cannot be read. */
  readonly unreadable: readonly HostError[];
  /** Undefined: this URI has none. */
  readonly domains: readonly DomainText[] | undefined;
}

export interface LibvirtDefinition {
  readonly device: NodeDevice;
  readonly autostart: boolean;
}

/** The kinds of node devices that we know something of. */
const KINDS = 'system,pci,css,ap_card,ap_queue,ap_matrix,mdev_types,mdev';

const LIST = `nodedev-list --all --cap ${KINDS}`;
const LIST_DOMAINS = 'list --all --uuid';

/** @throws NodedevError `libvirt-failed` */
export async function readSnapshot(uri: string): Promise<LibvirtSnapshot> {
  const all = await virshOne(uri, LIST);
  const inactive = await virshOne(uri, 'nodedev-list --inactive --cap mdev');
  const names = linesOf(all).filter(isName);
  const absent = new Set(linesOf(inactive));
  const there = names.filter((name) => !absent.has(name));
  const mediated = names.filter((name) => name.startsWith('mdev_'));
  const dumps = await virsh(
    uri,
    there.map((name) => `nodedev-dumpxml ${name}`),
  );
  const infos = await virsh(
    uri,
    mediated.map((name) => `nodedev-info ${name}`),
  );
  const autostarts = new Map(
    mediated.flatMap((name, index) => {
      const info = infos[index] ?? '';
      const isPersistent = /^Persistent:\s+yes$/mu.test(info);
      return isPersistent ? [[name, /^Autostart:\s+yes$/mu.test(info)] as const] : [];
    }),
  );
  const definitions = await readDefinitions(uri, [...autostarts.keys()]);
  const unreadable: HostError[] = [];
  const read = (name: string, text: string | undefined): readonly NodeDevice[] => {
    if (text === undefined) return []; // it has gone meanwhile
    try {
      return [parseNodeDevice(text)];
    } catch (error) {
      if (!(error instanceof NodedevError)) throw error;
      unreadable.push(new HostError('EBADMSG', name, { cause: error }));
      return [];
    }
  };
  const devices = there.flatMap((name, index) => read(name, dumps[index]));
  const defined = [...autostarts].flatMap(([name, autostart]) =>
    read(name, definitions.get(name)).map((device) => ({ device, autostart })),
  );
  const refused = [
    ...there.filter((_, index) => dumps[index] === undefined),
    ...mediated.filter((_, index) => infos[index] === undefined),
  ];
  unreadable.push(...(await stillListed(uri, LIST, refused)));
  const domains = await readDomains(uri);
  unreadable.push(...(domains?.unreadable ?? []));
  return { devices, defined, unreadable, domains: domains?.texts };
}

/**
 * Of what virsh refused to tell, that which has not gone meanwhile: it is not known, which is not free.
 *
 * @param list the command that lists it
 * @throws NodedevError `libvirt-failed`: libvirt has, in the middle of it
 */
async function stillListed(
  uri: string,
  list: string,
  refused: readonly string[],
): Promise<readonly HostError[]> {
  if (refused.length === 0) return [];
  const listed = new Set(linesOf(await virshOne(uri, list)));
  const still = new Set(refused.filter((name) => listed.has(name)));
  return Array.from(still, (name) => new HostError('ENODATA', name));
}

/** Before 10.1 libvirt shows a definition only while the device is not active, and its virsh refuses to be asked for more. */
async function readDefinitions(
  uri: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string | undefined>> {
  const inactive = await virsh(
    uri,
    names.map((name) => `nodedev-dumpxml --inactive ${name}`),
  ).catch((error: unknown) => {
    if (error instanceof NodedevError && error.message.includes('--inactive')) return [];
    throw error;
  });
  const untold = names.filter((_, index) => inactive[index] === undefined);
  const shown = await virsh(
    uri,
    untold.map((name) => `nodedev-dumpxml ${name}`),
  );
  return new Map([
    ...names.map((name, index) => [name, inactive[index]] as const),
    ...untold.map((name, index) => [name, shown[index]] as const),
  ]);
}

async function readDomains(
  uri: string,
): Promise<
  { readonly texts: readonly DomainText[]; readonly unreadable: readonly HostError[] } | undefined
> {
  // The daemon for node devices alone has none.
  if (/^nodedev[:+]/u.test(uri)) return undefined;
  const all = await virshOne(uri, LIST_DOMAINS);
  const running = await virshOne(uri, 'list --uuid');
  const uuids = linesOf(all).filter(isUuid);
  const active = new Set(linesOf(running));
  const texts = await virsh(
    uri,
    uuids.map((uuid) => `dumpxml ${uuid}`),
  );
  const refused = uuids.filter((_, index) => texts[index] === undefined);
  return {
    texts: uuids.flatMap((uuid, index) => {
      const text = texts[index];
      return text === undefined ? [] : [{ uuid, running: active.has(uuid), text }];
    }),
    unreadable: await stillListed(uri, LIST_DOMAINS, refused),
  };
}

const linesOf = (text = ''): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** A node device's name as libvirt makes it: nothing in it ends a word of virsh. */
const isName = (line: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_.:-]*$/u.test(line);
