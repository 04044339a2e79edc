import * as v from 'valibot';
import { bytes, checkArguments, optionalText, optionsOf } from '../../arguments.ts';
import type { ShownCard, ShownParent, ShownType } from '../../drivers/hypotheses.ts';
import { driverForType } from '../../drivers/registry.ts';
import { compareIds } from '../../drivers/type-order.ts';
import { NodedevError } from '../../errors.ts';
import { groupBy } from '../../group-by.ts';
import type { NodeDevice, PciCapability } from '../../nodedev/device.ts';
import { nodeDeviceName } from '../../nodedev/names.ts';
import { parseChannelAddress } from '../sysfs/channel-address.ts';
import { formatPciAddress, parsePciAddress } from '../sysfs/pci-address.ts';
import { order } from '../sysfs/values.ts';
import { isFileName } from '../tree.ts';
import { assemble, type HostCapture } from './assemble.ts';

export interface ImportOptions {
  /** The profile's name. Default: `imported`. */
  readonly name?: string | undefined;
}

/**
 * A profile from what `mdevctl types` or `mdevctl types --dumpjson` printed. Paths, PCI ids and settings are not in it: they
 * are assumed, as are the parents that share a card. What is assumed is a caveat.
 *
 * @throws NodedevError `profile-invalid`: it is no such text; `request-invalid`
 */
export function importTypes(
  listing: string | Uint8Array,
  options: ImportOptions = {},
): HostCapture {
  checkArguments('importTypes', [bytes, optionsOf({ name: optionalText })], [listing, options]);
  const text = typeof listing === 'string' ? listing : new TextDecoder().decode(listing);
  const parents = (text.trimStart().startsWith('[') ? readJson(text) : readText(text)).toSorted(
    (one, other) => order(one.address, other.address),
  );
  if (parents.every(({ types }) => types.length === 0)) throw invalid('It has no type');
  const repeated = parents.find(({ address }, index) => parents[index + 1]?.address === address);
  if (repeated !== undefined) throw invalid(`Parent '${repeated.address}' is there twice`);
  const strange = parents.find(({ address }) => !isFileName(address));
  if (strange !== undefined) throw invalid(`'${strange.address}' can be no parent device`);
  const cards = cardsOf(parents);
  const functions = new Map(
    cards.flatMap(({ card, physical }) => card.parents.map((each) => [each, physical] as const)),
  );
  const { profile, caveats } = assemble({
    name: options.name ?? 'imported',
    nodes: [],
    devices: [COMPUTER, ...cards.flatMap(physicalFunction)],
    cards,
    parents: new Map(
      parents.map((parent) => [parent.address, deviceAt(parent, functions.get(parent.address))]),
    ),
    seesDevices: false,
  });
  const shared = cards.flatMap(({ physical, card }) =>
    physical === undefined
      ? []
      : [
          `${card.parents.join(', ')}: assumed to be the virtual functions of one device, ${physical}`,
        ],
  );
  return { profile, caveats: [ASSUMED, ...shared, ...caveats] };
}

const ASSUMED =
  'Paths, PCI ids (0x0000), NUMA nodes and what else is not in the list are assumed, and so are the settings of cards';

const COMPUTER: NodeDevice = {
  name: 'computer',
  devnodes: [],
  capabilities: [
    {
      kind: 'system',
      hardware: { uuid: '00000000-0000-0000-0000-000000000000', extra: [] },
      firmware: { extra: [] },
      extra: [],
    },
  ],
  extra: [],
};

interface ListedCard extends ShownCard {
  /** The address that a physical function would have. */
  readonly physical: string | undefined;
}

/**
 * The cards. Several PCI functions on one bus that have the same types, and at most one device each, look like the virtual
 * functions of one device: then function 0 of the bus is assumed to be the physical one, unless it is a parent itself.
 */
function cardsOf(parents: readonly ShownParent[]): readonly ListedCard[] {
  const addresses = new Set(parents.map(({ address }) => address));
  const groups = groupBy(parents, ({ address, types }) => {
    const pci = parsePciAddress(address);
    const isOne = types.every(({ availableInstances }) => availableInstances <= 1);
    if (pci === undefined || !isOne) return address;
    const first = formatPciAddress({ ...pci, slot: 0, function: 0 });
    return addresses.has(first) ? address : `${first} ${types.map(({ id }) => id).join(' ')}`;
  });
  return [...groups].map(([key, sharing]) => ({
    card: {
      parents: sharing.map(({ address }) => address),
      types: sharing[0]?.types ?? [],
      devices: [],
      settings: {},
    },
    parents: sharing,
    physical: sharing.length > 1 ? key.split(' ')[0] : undefined,
  }));
}

function physicalFunction({ physical, card }: ListedCard): readonly NodeDevice[] {
  if (physical === undefined) return [];
  const addresses = card.parents.flatMap((each) => parsePciAddress(each) ?? []);
  return [
    pciDevice(physical, {
      kind: 'virt_functions',
      maxCount: addresses.length,
      addresses,
      extra: [],
    }),
  ];
}

/** A parent where the kernel would have it. */
function deviceAt(
  { address, types: [type] }: ShownParent,
  physical: string | undefined,
): NodeDevice {
  if (parsePciAddress(address) !== undefined) {
    const above = physical === undefined ? undefined : parsePciAddress(physical);
    return pciDevice(address, above && { kind: 'phys_function', address: above, extra: [] });
  }
  const channel = parseChannelAddress(address);
  if (channel !== undefined) {
    return device('css', `/sys/devices/css${channel.cssid}/${address}`, [
      { kind: 'css', ...channel, capabilities: [], extra: [] },
    ]);
  }
  // The directory has the name of the module that made it.
  const module = driverForType(type?.id ?? '');
  return address === 'matrix' && module?.subsystem === 'matrix'
    ? device('matrix', `/sys/devices/${module.name}/matrix`, [
        { kind: 'ap_matrix', capabilities: [], extra: [] },
      ])
    : device(address, `/sys/devices/virtual/${address}/${address}`, []);
}

function pciDevice(
  address: string,
  sharing: PciCapability['capabilities'][number] | undefined,
): NodeDevice {
  return device(
    'pci',
    `/sys/devices/pci${address.slice(0, -'.0'.length - ':00'.length)}/${address}`,
    [
      {
        kind: 'pci',
        ...parsePciAddress(address),
        product: { id: '0x0000' },
        vendor: { id: '0x0000' },
        capabilities: sharing === undefined ? [] : [sharing],
        extra: [],
      },
    ],
  );
}

function device(
  subsystem: string,
  path: string,
  capabilities: NodeDevice['capabilities'],
): NodeDevice {
  const name = nodeDeviceName(subsystem, path.slice(path.lastIndexOf('/') + 1));
  return { name, path, devnodes: [], parent: { name: 'computer' }, capabilities, extra: [] };
}

const typeShape = v.object({
  available_instances: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  device_api: v.string(),
  name: v.optional(v.string()),
  description: v.optional(v.string()),
});
const listShape = v.array(v.record(v.string(), v.array(v.record(v.string(), typeShape))));

/** `[{ PARENT: [{ TYPE: { available_instances, device_api, name?, description? } }] }]` */
function readJson(text: string): readonly ShownParent[] {
  const parsed = v.safeParse(listShape, parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw invalid(`${v.getDotPath(issue) ?? 'It'}: ${issue.message}`);
  }
  return parsed.output.flatMap((entry) =>
    Object.entries(entry).map(([address, list]) => ({
      address,
      types: sorted(
        list.flatMap((each) =>
          Object.entries(each).map(([id, type]) => ({
            id,
            name: type.name,
            deviceApi: type.device_api,
            availableInstances: type.available_instances,
            description: type.description === undefined ? undefined : lines(type.description),
          })),
        ),
      ),
    })),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('It begins as JSON, but is none', cause);
  }
}

const FIELDS = {
  'Available instances': 'availableInstances',
  'Device API': 'deviceApi',
  Name: 'name',
  Description: 'description',
} as const;

/** A fact begins with its name; a line before a fact is a type, any other a parent. Blanks at the beginning do not count. */
function readText(text: string): readonly ShownParent[] {
  const rows = text.split('\n').flatMap((line, index) => {
    const words = line.trim();
    const [field, key] =
      Object.entries(FIELDS).find(([name]) => words.startsWith(`${name}:`)) ?? [];
    const value = field === undefined ? words : words.slice(field.length + 1).trim();
    return words === '' ? [] : [{ key, value, line: index + 1 }];
  });
  const parents = new Map<string, Map<string, Map<string, string>>>();
  let types: Map<string, Map<string, string>> | undefined;
  let facts: Map<string, string> | undefined;
  for (const [index, { key, value, line }] of rows.entries()) {
    const isType = key === undefined && rows[index + 1]?.key !== undefined;
    if (key !== undefined) {
      if (facts === undefined || facts.has(key)) throw invalid(`Line ${line} belongs to no type`);
      facts.set(key, value);
    } else if (isType) {
      if (types === undefined) throw invalid(`Line ${line}: type '${value}' has no parent`);
      if (types.has(value)) throw invalid(`Line ${line}: type '${value}' is there twice`);
      facts = new Map<string, string>();
      types.set(value, facts);
    } else {
      if (parents.has(value)) throw invalid(`Line ${line}: parent '${value}' is there twice`);
      types = new Map<string, Map<string, string>>();
      parents.set(value, types);
      facts = undefined;
    }
  }
  return [...parents].map(([address, found]) => ({
    address,
    types: sorted([...found].map(([id, known]) => typeFrom(address, id, known))),
  }));
}

function typeFrom(parent: string, id: string, facts: ReadonlyMap<string, string>): ShownType {
  const count = facts.get('availableInstances') ?? '';
  const deviceApi = facts.get('deviceApi');
  if (!/^\d{1,15}$/.test(count) || deviceApi === undefined) {
    throw invalid(
      `Type '${id}' of ${parent} has no number of available instances, or no device API`,
    );
  }
  const description = facts.get('description');
  return {
    id,
    name: facts.get('name'),
    deviceApi,
    availableInstances: Number(count),
    description: description === undefined ? undefined : lines(description),
  };
}

const sorted = (types: readonly ShownType[]): readonly ShownType[] =>
  types.toSorted((one, other) => compareIds(one.id, other.id));

/** mdevctl joins the lines of a description, with a comma or a space. Items of the form `key: value` were lines. */
function lines(description: string): string {
  return /^\w+: \S+(?:,? \w+: \S+)+,?$/.test(description)
    ? description.replace(/,$/, '').replaceAll(/,? (?=\w+: )/g, '\n')
    : description;
}

function invalid(message: string, cause?: unknown): NodedevError {
  return new NodedevError('profile-invalid', `The list of types is none of mdevctl: ${message}`, {
    hint: 'Give what `mdevctl types` printed, as text or as JSON.',
    cause,
  });
}
