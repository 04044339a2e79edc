import { type ShownCard } from '../../drivers/hypotheses.ts';
import { notLoaded } from '../../drivers/not-loaded.ts';
import { NodedevError } from '../../errors.ts';
import type { NodeDevice, PciCapability } from '../../nodedev/device.ts';
import { writeXml } from '../../xml/write.ts';
import { MemoryTree } from '../memory-tree.ts';
import { materialise } from '../simulated/materialise.ts';
import type { NumaNode } from '../host.ts';
import { formatPciAddress } from '../sysfs/pci-address.ts';
import { isDeviceApi, parseProfile } from '../simulated/parse-profile.ts';
import type { HostProfile, ProfileCard } from '../simulated/profile.ts';
import { inferCards } from './infer-card.ts';
import { formatProfile, typeElement } from './write-profile.ts';

/** A host as a profile. */
export interface HostCapture {
  /** The profile's XML. samples/hosts/README.md describes the format. */
  readonly profile: string;
  /** What the profile assumes or lacks, as sentences. */
  readonly caveats: readonly string[];
}

/** What is known of a host. */
export interface SeenHost {
  readonly name: string;
  /** Its release; undefined: not known. */
  readonly kernel?: string | undefined;
  readonly nodes: readonly NumaNode[];
  /** The devices that have no mediated devices: `computer`, and those above the parents. */
  readonly devices: readonly NodeDevice[];
  readonly cards: readonly ShownCard[];
  /** The parents, by sysfs name. */
  readonly parents: ReadonlyMap<string, NodeDevice>;
  /** Whether the cards have all their devices. */
  readonly seesDevices: boolean;
}

const COMPUTER = 'computer';
const UNKNOWN_ID = '0x0000';

/** The profile of a host. A card that no profile can describe is left out, which is a caveat. */
export function assemble(seen: SeenHost): HostCapture {
  const caveats: string[] = [];
  const devices = seen.devices.filter(({ capabilities }) => capabilities.length > 0);
  const all = [...devices, ...seen.parents.values()];
  const fitted = new Map(
    all.map((device) => [device, fit(device, all, (caveat) => caveats.push(caveat))]),
  );
  const deviceOf = (address: string): NodeDevice | undefined => {
    const device = seen.parents.get(address);
    return device && fitted.get(device);
  };
  const cards = seen.cards.flatMap((shown) => {
    const writable = withoutUnwritable(shown, (caveat) => caveats.push(caveat));
    if (writable.card.types.length === 0) {
      caveats.push(
        `${shown.card.parents.join(', ')}: offers no types, so it is not in the profile`,
      );
      return [];
    }
    return inferCards(writable, seen.seesDevices).flatMap((card): readonly ProfileCard[] => {
      const functions = shown.card.isFunctions === true ? card.driver.functions : undefined;
      if (shown.card.isFunctions === true && functions === undefined) {
        caveats.push(
          `${card.parents.join(', ')}: no rules explain what these functions offer, so they are not in the profile`,
        );
        return [];
      }
      caveats.push(...card.caveats);
      const { module } = card.driver;
      if (module !== undefined) {
        caveats.push(
          `The profile names ${module}, which is not in it: it is in sim/drivers of this host, and has to be beside the profile`,
        );
      }
      const parents = card.parents.flatMap((address) => {
        const device = deviceOf(address);
        return device === undefined ? [] : [{ address, path: device.path ?? '', device }];
      });
      return [{ ...card, functions, parents }];
    });
  });
  const empty = {
    name: seen.name,
    kernel: seen.kernel,
    nodes: seen.nodes,
    devices: devices.flatMap((each) => fitted.get(each) ?? []),
    cards: [],
  };
  const kept = withoutRefused({ ...empty, cards }, (caveat) => caveats.push(caveat));
  return { profile: formatProfile({ ...empty, cards: kept }), caveats: [...new Set(caveats)] };
}

/** A device as a profile takes it: below one that is in the profile, and with every part that a device must have. */
function fit(
  device: NodeDevice,
  all: readonly NodeDevice[],
  say: (caveat: string) => void,
): NodeDevice {
  const { path = '', name = '' } = device;
  if (name === COMPUTER) return device;
  const above = all
    .filter((other) => other.path !== undefined && path.startsWith(`${other.path}/`))
    .toSorted((one, other) => (other.path?.length ?? 0) - (one.path?.length ?? 0))[0];
  const parent = above?.name ?? COMPUTER;
  if (device.parent?.name !== parent) {
    say(
      `${name}: the device above it, ${device.parent?.name}, is not in the profile; ${parent} stands for it`,
    );
  }
  const others = device.capabilities.some(
    (each) =>
      each.kind === 'pci' &&
      each.iommuGroup?.addresses.some(
        (address) => !all.some((other) => other.path?.endsWith(`/${formatPciAddress(address)}`)),
      ),
  );
  if (others) say(`${name}: its IOMMU group has devices that are not in the profile`);
  const capabilities = device.capabilities.map((each) =>
    each.kind === 'pci' ? withIds(each, name, say) : each,
  );
  return {
    ...device,
    parent: { name: parent },
    capabilities:
      capabilities.length > 0 ? capabilities : [{ kind: 'mdev_types', types: [], extra: [] }],
  };
}

function withIds(pci: PciCapability, name: string, say: (caveat: string) => void): PciCapability {
  if (pci.vendor !== undefined && pci.product !== undefined) return pci;
  say(`${name}: its PCI ids are not known; ${UNKNOWN_ID} stands for them`);
  const unknown = { id: UNKNOWN_ID };
  return { ...pci, vendor: pci.vendor ?? unknown, product: pci.product ?? unknown };
}

/** A card without the types that a profile cannot have. */
function withoutUnwritable(shown: ShownCard, say: (caveat: string) => void): ShownCard {
  const isKept = (type: ShownCard['card']['types'][number]): boolean => {
    const problem = isDeviceApi(type.deviceApi)
      ? problemOf(() => writeXml(typeElement(type)))
      : `no profile has device API '${type.deviceApi}'`;
    if (problem === undefined) return true;
    say(`${shown.card.parents[0]}: type '${type.id}' is not in the profile: ${problem}`);
    return false;
  };
  return {
    card: { ...shown.card, types: shown.card.types.filter(isKept) },
    parents: shown.parents.map((parent) => ({ ...parent, types: parent.types.filter(isKept) })),
  };
}

/** The cards with which a host can be made. */
function withoutRefused(
  profile: HostProfile,
  say: (caveat: string) => void,
): readonly ProfileCard[] {
  if (refusalOf(profile) === undefined) return profile.cards;
  const kept: ProfileCard[] = [];
  for (const card of profile.cards) {
    const problem = refusalOf({ ...profile, cards: [...kept, card] });
    const where = card.parents.map(({ address }) => address).join(', ');
    if (problem === undefined) kept.push(card);
    else say(`${where}: not in the profile: ${problem}`);
  }
  return kept;
}

const refusalOf = (profile: HostProfile): string | undefined =>
  problemOf(() =>
    materialise(
      parseProfile(formatProfile(profile), undefined, { modules: notLoaded }),
      new MemoryTree(),
    ),
  );

function problemOf(attempt: () => void): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof NodedevError) return error.message;
    throw error;
  }
}
