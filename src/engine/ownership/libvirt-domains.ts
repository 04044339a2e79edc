import { type DomainOutline, outlineOfDomain } from '../../domain/domain-outline.ts';
import type { NodedevError } from '../../errors.ts';
import { DiskTree } from '../../host/disk-tree.ts';
import type { DomainText } from '../../host/domain-text.ts';
import { requireDecoded } from '../../host/tree.ts';
import { type Host, HostError } from '../../host/host.ts';
import { deviceOfFunction, isTypedFunction, withFunctions } from '../devices/functions.ts';
import type { NamingDomain } from '../../policy/picture.ts';
import { groupBy } from '../../group-by.ts';
import { isGone } from '../../host/errno.ts';
import type { StoreView } from '../store/store.ts';
import { domainFileBroken, domainFileHidden } from './messages.ts';

export interface LibvirtDomains {
  /** The domains with mediated devices or whole PCI functions; running ones first. */
  readonly domains: readonly NamingDomain[];
  /** Files that could not be read, and directories this user may not look into. */
  readonly problems: readonly NodedevError[];
}

/**
 * The domains of libvirt's QEMU driver below the root of a host (src/qemu/qemu_conf.c: stateDir, configDir), one
 * NAME.xml each. They are read when first asked for, once for each view of the store. The directories `autostart` and
 * `networks` beside them are not read.
 */
export function libvirtDomains(host: Host, view: StoreView): LibvirtDomains {
  return remembered(host, view).all;
}

/** {@link libvirtDomains}, always read again. */
export function readLibvirtDomains(host: Host): LibvirtDomains {
  const { root } = host;
  if (root !== undefined) return readDomains(new DiskTree(root));
  const told = host.domainTexts?.() ?? [];
  const states = [told.filter(({ running }) => running), told.filter(({ running }) => !running)];
  return { domains: states.flat().flatMap(toldDomain), problems: [] };
}

/** A domain that libvirt told; one that cannot be read has no device that is known. */
function toldDomain({ uuid, running, text }: DomainText): readonly NamingDomain[] {
  const outline = outlineOfDomain(text);
  return outline === undefined
    ? []
    : namingDomain(outline, running ? 'running' : 'defined', `domain ${uuid}`);
}

/** The domains whose files name any of these devices, each once. */
export function domainsNaming(
  host: Host,
  view: StoreView,
  uuids: readonly string[],
): readonly NamingDomain[] {
  const { all, byUuid } = remembered(host, view);
  const places = new Set(
    uuids.flatMap((uuid) => (byUuid.get(uuid) ?? []).map(({ place }) => place)),
  );
  return [...places].toSorted((a, b) => a - b).flatMap((place) => all.domains[place] ?? []);
}

/** The domains, with an index by device. */
interface Remembered {
  readonly all: LibvirtDomains;
  /** The domains that name a device, by their index in `all`. */
  readonly byUuid: ReadonlyMap<string, readonly { readonly place: number }[]>;
}

function remembered(host: Host, view: StoreView): Remembered {
  const known = REMEMBERED.get(view);
  if (known !== undefined) return known;
  const read = readLibvirtDomains(host);
  const defined = new Map(view.definitions().map(({ parent, uuid }) => [parent, uuid]));
  const uuidOf = (address: string): string | undefined =>
    isTypedFunction(host, address)
      ? (deviceOfFunction(host, address)?.ref.uuid ?? defined.get(address))
      : undefined;
  const all = { ...read, domains: read.domains.map((domain) => withFunctions(domain, uuidOf)) };
  const named = all.domains.flatMap(({ mdevs }, place) => mdevs.map((uuid) => ({ uuid, place })));
  const result = { all, byUuid: groupBy(named, ({ uuid }) => uuid) };
  REMEMBERED.set(view, result);
  return result;
}

const REMEMBERED = new WeakMap<StoreView, Remembered>();

const FOLDERS = [
  ['running', '/run/libvirt/qemu'],
  ['defined', '/etc/libvirt/qemu'],
] as const;

/** Real files have some ten kilobytes, those of running domains up to some hundred. */
const MAX_BYTES = 4 * 1024 * 1024;

function readDomains(tree: DiskTree): LibvirtDomains {
  const domains: NamingDomain[] = [];
  const problems: NodedevError[] = [];
  const attempt = (path: string, read: () => void): void => {
    try {
      read();
    } catch (error) {
      if (isGone(error)) return;
      if (!(error instanceof HostError)) throw error;
      const isHidden = error.errno === 'EACCES' || error.errno === 'EPERM';
      problems.push(isHidden ? domainFileHidden(path) : domainFileBroken(path, error.errno));
    }
  };
  for (const [state, folder] of FOLDERS) {
    let names: readonly string[] = [];
    attempt(folder, () => {
      names = tree.names(folder).filter((name) => name.endsWith('.xml'));
    });
    for (const name of names.toSorted()) {
      const file = `${folder}/${name}`;
      attempt(file, () => {
        const domain = readDomain(tree, file, state);
        if (domain !== undefined) domains.push(domain);
      });
    }
  }
  return { domains, problems };
}

/** A domain; undefined when it has no devices of the host, and for anything but a file. */
function readDomain(
  tree: DiskTree,
  file: string,
  state: NamingDomain['state'],
): NamingDomain | undefined {
  const kind = tree.kind(file);
  if (kind === undefined) requireDecoded(file);
  if (kind === 'directory' || kind === undefined) return undefined;
  if (kind !== 'file') throw new HostError('ELOOP', file);
  const outline = outlineOfDomain(tree.read(file, MAX_BYTES));
  if (outline === undefined) throw new HostError('EBADMSG', file);
  if (outline.unclear !== undefined) throw new HostError('EPROTO', file);
  return namingDomain(outline, state, file)[0];
}

function namingDomain(
  { name, uuid, mdevs, functions, rebinds, iommufd }: DomainOutline,
  state: NamingDomain['state'],
  file: string,
): readonly NamingDomain[] {
  const isEmpty = mdevs.length + functions.length === 0;
  return isEmpty ? [] : [{ name, uuid, mdevs, functions, rebinds, iommufd, state, file }];
}
