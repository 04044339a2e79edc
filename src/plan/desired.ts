import type { Domain } from '../domain/domain.ts';
import { bindingOf, type DomainBinding } from '../domain/domain-nodes.ts';
import { usageOf } from '../domain/usage.ts';
import { parseDomain } from '../domain/parse-domain.ts';
import { refOfDomain } from '../engine/ownership/domains.ts';
import { ignoredElements } from '../engine/devices/ignored-elements.ts';
import { type DesiredRequest, desiredGroup } from '../engine/devices/request.ts';
import { sourceList } from '../engine/devices/source-list.ts';
import type { DomainRef } from '../policy/domain-ref.ts';
import type { Usage } from '../policy/give.ts';
import type { Sources } from '../engine/sources.ts';
import type { Issue, Location } from '../errors.ts';
import type { NodeDevice } from '../nodedev/device.ts';
import { cardName } from '../engine/setup/setup-state.ts';
import { locationOf } from '../nodedev/location.ts';
import { addressOf } from '../nodedev/names.ts';
import { parseNodeDevicesElement } from '../nodedev/parse.ts';
import { setupTwice, setupUnnamed } from './messages.ts';
import type { DesiredSetup } from './set-up.ts';
import { readXml } from '../xml/read.ts';

/** The devices and domains that a host should have, as documents describe them. It is not yet compared with a host. */
export interface DesiredState {
  readonly groups: readonly DesiredGroup[];
  readonly domains: readonly DesiredDomain[];
  /** How cards are to be set up before they have devices. */
  readonly setups: readonly DesiredSetup[];
  /** One for each element of the documents that is ignored. */
  readonly warnings: readonly Issue[];
}

/** Devices that are to be in one group. */
export interface DesiredGroup {
  /** Undefined: the document has no `<group>`. Then the devices of one `<device>` are a group. */
  readonly name: string | undefined;
  /** Never empty. */
  readonly devices: readonly DesiredRequest[];
}

/** A domain, and the mediated devices its hostdevs name. It owns the groups of these devices. */
export interface DesiredDomain {
  readonly owner: DomainRef;
  /** Addresses of the PCI functions it gets as a whole. */
  readonly functions: readonly string[];
  /** Those that libvirt would bind to another driver for it. */
  readonly rebinds?: Usage['rebinds'];
  /** Those that it opens through iommufd. */
  readonly iommufd?: Usage['iommufd'];
  /** Where it is bound to run. */
  readonly binding: DomainBinding;
  readonly uses: readonly { readonly uuid: string; readonly location?: Location | undefined }[];
}

/**
 * Reads documents of node devices (`<device>`, `<devices>`) and of domains. The devices of one `<group>` may be in
 * several documents.
 *
 * @throws NodedevError if a document is wrong: `nodedev-invalid`, `unsupported-device`, `domain-invalid`, `xml-…`
 */
export function readDesired(sources: Sources): DesiredState {
  const groups: DesiredGroup[] = [];
  const named = new Map<string, DesiredRequest[]>();
  const domains: { readonly text: string | Uint8Array; readonly file?: string | undefined }[] = [];
  const setups: DesiredSetup[] = [];
  const warnings: Issue[] = [];
  for (const { text, file } of sourceList(sources)) {
    const { root } = readXml(text, { file });
    if (root.name === 'domain') {
      domains.push({ text, file });
      continue;
    }
    const parsed = parseNodeDevicesElement(root);
    warnings.push(...ignoredElements(parsed));
    for (const device of parsed) {
      const setup = desiredSetup(device);
      if (setup !== undefined) {
        const isTwice = setups.some(({ address }) => address === setup.address);
        if (isTwice) throw setupTwice(cardName(setup.address), setup.location);
        setups.push({ ...setup, source: file });
        continue;
      }
      const { group: name, devices } = desiredGroup([device]);
      const known = name === undefined ? undefined : named.get(name);
      if (known !== undefined) {
        known.push(...devices);
        continue;
      }
      const own = [...devices];
      groups.push({ name, devices: own });
      if (name !== undefined) named.set(name, own);
    }
  }
  const devices = groups.flatMap((group) => group.devices);
  const uuidOf = (name: string) => devices.find(({ alias }) => alias === name)?.uuid;
  return {
    groups,
    setups,
    // Last, since the thread's form may name a device as its document does.
    domains: domains.map(({ text, file }) => desiredDomain(parseDomain(text, { file, uuidOf }))),
    warnings,
  };
}

/** The set-up that a document of a card itself asks for; undefined: it is about devices. */
function desiredSetup(device: NodeDevice): DesiredSetup | undefined {
  const setup = device.capabilities.find(({ kind }) => kind === 'vgpu');
  if (setup?.kind !== 'vgpu') return undefined;
  const location = locationOf(setup);
  const { name } = device;
  if (name === undefined || name === '') throw setupUnnamed(location);
  const { functions, mode, instances } = setup;
  const profiles = instances.flatMap(({ profile, count }) =>
    Array.from({ length: count }, () => profile),
  );
  const wanted = {
    functions: functions === 'on',
    mode,
    instances: profiles.length === 0 ? undefined : profiles,
  };
  return { address: addressOf(name), wanted, location };
}

function desiredDomain(domain: Domain): DesiredDomain {
  const uses = domain.hostdevs
    .filter(({ type }) => type === 'mdev')
    .flatMap(({ uuid, location }) => (uuid === undefined ? [] : [{ uuid, location }]));
  const binding = bindingOf(domain.element);
  const { functions, rebinds, iommufd } = usageOf(domain);
  return { owner: refOfDomain(domain), binding, uses, functions, rebinds, iommufd };
}
