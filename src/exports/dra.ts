import { createHash } from 'node:crypto';
import {
  cardAddress,
  type Exported,
  type Inventory,
  type InventoryCard,
  type InventoryDevice,
  type InventoryType,
} from './inventory.ts';

export interface DraOptions {
  /** The name of the node; a DNS subdomain of at most 180 letters, so that names of slices have room. The pool is called the same. */
  readonly node: string;
  /** The DRA driver that prepares the devices: a DNS subdomain of at most 63 letters. */
  readonly driver: string;
  /** Of the pool: it must grow when what is published changes. */
  readonly generation: number;
  /** The id of the only type to publish. */
  readonly type?: string | undefined;
  /** Whether devices say what they can be on a card with (`DRADeviceCompatibilityGroups`, KEP-5963). */
  readonly compatibilityGroups?: boolean | undefined;
}

/**
 * The ResourceSlices of a node's cards (`resource.k8s.io/v1`), as a List for kubectl. A card's framebuffer is a counter, and so are its
 * functions, in slices of their own as Kubernetes 1.35 asks. Of each type there are as many devices as the card has now
 * without owner, and as it takes beside. What is there needs no more room, so that its part is in no counter, and it consumes none. What
 * domains have is left out. With compatibility groups, devices of one framebuffer size share a card.
 * Attributes have the names of the draft of the driver `gpu.nvidia.com` (`type`, `profile`, `slot`, …) and those by which KubeVirt finds a device
 * that is there: `mdevUUID`, else `resource.kubernetes.io/pciBusID`.
 */
export function draExport(inventory: Inventory, options: DraOptions): Exported {
  const cards = inventory.cards.map((card) => ({ card, memory: memoryOf(card) }));
  const counted = cards.flatMap(({ card, memory }) =>
    memory === undefined ? [] : [{ card, memory }],
  );
  const sets = counted.map(({ card, memory }) => ({
    name: counterSet(card),
    counters: countersOf(
      card,
      memory,
      card.places.length - card.devices.filter(takesRoom).length,
      card.devices
        .filter(takesRoom)
        .reduce((left, { type: { maximum } }) => left - shareOf(maximum), WHOLE),
    ),
  }));
  const devices = counted.flatMap(({ card }) => devicesOf(card, options));
  const contents = [
    ...partsOf(sets, COUNTER_SETS).map((sharedCounters) => ({ sharedCounters })),
    ...partsOf(devices, DEVICES).map((part) => ({ devices: part })),
  ];
  const { node, driver, generation } = options;
  const items = contents.map((content, index) => ({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: `${node}-${driver}-${index}` },
    spec: {
      driver,
      nodeName: node,
      pool: { name: node, generation, resourceSliceCount: contents.length },
      ...content,
    },
  }));
  return {
    text: `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, undefined, 2)}\n`,
    notes: [
      ...cards.flatMap(({ card, memory }) =>
        memory === undefined
          ? [`${cardAddress(card)}: how much framebuffer it has is not known, so it is left out`]
          : [],
      ),
      ...inventory.others.map((name) => `${name}: what is not on the PCI bus is left out`),
    ],
  };
}

/** Limits of a slice (staging/src/k8s.io/api/resource/v1/types.go): counter sets; devices, where one consumes counters. */
const COUNTER_SETS = 8;
const DEVICES = 64;
/** Of a DNS label, and of an attribute's text. */
const LABEL = 63;
const TEXT = 64;

/** Bytes of framebuffer of an empty card; undefined when they are not known. */
function emptyMemoryOf({ types }: InventoryCard): number | undefined {
  const all = types.flatMap(({ framebuffer, maximum }) =>
    framebuffer === undefined || maximum === undefined ? [] : [framebuffer * maximum],
  );
  return all.length === 0 ? undefined : Math.max(...all);
}

/** Bytes of framebuffer for more devices; undefined when they are not known. */
function memoryOf(card: InventoryCard): number | undefined {
  const taken = card.devices.filter(takesRoom).map(({ type }) => type.framebuffer);
  let left = emptyMemoryOf(card);
  if (left === undefined) return undefined;
  for (const bytes of taken) {
    if (bytes === undefined) return undefined;
    left -= bytes;
  }
  return Math.max(0, left);
}

/** An active device, and a definition that a domain owns: it is started with that. */
const takesRoom = ({ active, owner }: InventoryDevice): boolean => active || owner !== undefined;

function devicesOf(card: InventoryCard, options: DraOptions): readonly unknown[] {
  const there = card.devices.filter(({ active, owner }) => active && owner === undefined);
  return card.types.flatMap((type) => {
    const { framebuffer } = type;
    if (framebuffer === undefined) return [];
    if (options.type !== undefined && options.type !== type.id) return [];
    const made = there.filter((device) => device.type.id === type.id);
    const slug = labelOf(type.shortName) || labelOf(type.id);
    const size = quantity(framebuffer);
    const consumed = {
      counterSet: counterSet(card),
      counters: countersOf(card, framebuffer, 1, shareOf(type.maximum)),
      ...(options.compatibilityGroups === true
        ? { compatibilityGroups: [`framebuffer-${size}`.toLowerCase()] }
        : {}),
    };
    return Array.from({ length: made.length + type.free }, (_, slot) => {
      return {
        name: bounded(`vgpu-${labelOf(cardAddress(card))}-${slug}`, LABEL - 6).concat(`-${slot}`),
        attributes: attributesOf(card, type, slug, slot, made[slot]),
        capacity: { framebuffer: { value: size } },
        ...(slot < made.length ? {} : { consumesCounters: [consumed] }),
      };
    });
  });
}

function attributesOf(
  card: InventoryCard,
  { name }: InventoryType,
  slug: string,
  slot: number,
  made: InventoryDevice | undefined,
): unknown {
  const string = (text: string): unknown => ({ string: text.slice(0, TEXT) });
  const isFunction = card.isFunctions;
  return {
    type: string('vgpu'),
    profile: string(name),
    profileSlug: string(slug),
    slot: { int: slot },
    ...(card.product === undefined ? {} : { productName: string(card.product) }),
    vgpuFramework: string(isFunction ? 'vdev' : 'mdev'),
    sriovCapable: { bool: card.physicalFunction !== undefined },
    'resource.kubernetes.io/pciBusID': string(
      made !== undefined && isFunction ? made.address : cardAddress(card),
    ),
    ...(made === undefined || isFunction ? {} : { mdevUUID: string(made.uuid) }),
  };
}

/** A DNS label: lower case letters, digits and hyphens between them. */
const labelOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^-|-$/gu, '');

/** Where functions share a card, each takes one device at most. */
const countersOf = (
  card: InventoryCard,
  bytes: number,
  functions: number,
  share: number,
): unknown => ({
  framebuffer: { value: quantity(bytes) },
  ...(card.places.length > 1 ? { functions: { value: `${functions}` } } : {}),
  ...(hasShares(card) ? { share: { value: `${Math.max(0, share)}` } } : {}),
});

/** A card in parts, of which a device takes as many as makes the most of its type fill the card. */
const WHOLE = 1_000_000;
const shareOf = (maximum: number | undefined): number =>
  maximum === undefined ? 0 : Math.floor(WHOLE / Math.max(1, maximum));

/**
 * Whether framebuffer and functions would let more of a type on a card than it takes: its compute slices are fewer. Their number is not
 * told, so that a part of the card stands for them: never too little, and sometimes more than the device takes.
 */
function hasShares(card: InventoryCard): boolean {
  const empty = emptyMemoryOf(card) ?? 0;
  const functions = card.places.length > 1 ? card.places.length : Number.POSITIVE_INFINITY;
  return card.types.some(
    ({ framebuffer, maximum }) =>
      framebuffer !== undefined &&
      maximum !== undefined &&
      Math.min(Math.floor(empty / framebuffer), functions) > maximum,
  );
}

const counterSet = (card: InventoryCard): string => `gpu-${labelOf(cardAddress(card))}-counter-set`;

/** A name of at most so many letters: of a longer one the beginning and a digest. */
function bounded(name: string, limit: number): string {
  if (name.length <= limit) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, limit - 9).replaceAll(/[-.]+$/gu, '')}-${digest}`;
}

const MEBIBYTE = 1024 * 1024;

/** Bytes as a quantity of Kubernetes: `24576Mi`. */
const quantity = (bytes: number): string =>
  bytes % MEBIBYTE === 0 ? `${bytes / MEBIBYTE}Mi` : `${bytes}`;

function partsOf<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
