import type { NamedValue } from '../nodedev/device.ts';
import { numberAmong } from './description.ts';
import type { CardType, FactSource } from './driver.ts';
import { driverForType } from './registry.ts';
import type { TypeFact } from './type-fact.ts';
import type { NamedType } from './vm-rule.ts';

/** A type with the items of its description; memory is in KiB ({@link typeAttributes}). */
export interface DescribedType {
  /** Directory name: `nvidia-18`. */
  readonly id: string;
  /** Kernels before 6.1 may have none. */
  readonly name?: string | undefined;
  readonly attributes: readonly NamedValue[];
  /** Undefined: it was not read. */
  readonly availableInstances?: number | undefined;
}

/**
 * The facts about a type, with the same names for all vendors. A fact that is not in its description is undefined. A driver
 * may add its own facts (`Driver.facts`), such as Intel's `lowGraphicsMemory`.
 */
export interface TypeFacts {
  /** Bytes (NVIDIA's framebuffer). */
  readonly framebuffer?: number | undefined;
  /** Displays at once. */
  readonly heads?: number | undefined;
  /** The largest resolution, in pixels. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Frames per second. */
  readonly frameLimit?: number | undefined;
  /** How many of them one GPU takes (NVIDIA). */
  readonly maxInstances?: number | undefined;
  /** Its licence (NVIDIA): A applications, B virtual PC, C compute, Q workstation. */
  readonly series?: string | undefined;
  /** The GPU in its name: `M60`. */
  readonly board?: string | undefined;
  readonly [own: string]: number | string | undefined;
}

/** The facts that types of all drivers may have, in the order of output. */
export const commonFacts: readonly TypeFact[] = [
  {
    key: 'framebuffer',
    name: 'framebuffer',
    attribute: 'framebuffer',
    aliases: ['fb'],
    kind: 'memory',
    summary: 'framebuffer (NVIDIA)',
  },
  {
    key: 'heads',
    name: 'heads',
    attribute: 'num_heads',
    kind: 'number',
    summary: 'displays at once',
  },
  {
    key: 'width',
    name: 'width',
    attribute: 'hres',
    kind: 'number',
    summary: 'pixels of the largest resolution',
  },
  {
    key: 'height',
    name: 'height',
    attribute: 'vres',
    kind: 'number',
    summary: 'lines of the largest resolution',
  },
  {
    key: 'frameLimit',
    name: 'frame-limit',
    attribute: 'frl_config',
    aliases: ['fps'],
    kind: 'number',
    summary: 'frames per second',
  },
  {
    key: 'maxInstances',
    name: 'max-instances',
    attribute: 'max_instance',
    kind: 'number',
    summary: 'the most of them one GPU takes (NVIDIA)',
  },
];

/** A fact's number, memory in bytes; undefined when no attribute has it. */
export function factAmong(
  attributes: readonly NamedValue[],
  { attribute, kind }: TypeFact,
): number | undefined {
  const count = numberAmong(attributes, attribute);
  return count === undefined || kind === 'number' ? count : count * 1024;
}

/** The facts of a type, from its attributes and, if its driver reads names, from its name. */
export function typeFacts({ id, name, attributes }: DescribedType): TypeFacts {
  const driver = driverForType(id);
  const numbers = [...commonFacts, ...(driver?.facts ?? [])].map(
    (fact) => [fact.key, factAmong(attributes, fact)] as const,
  );
  const { series, board } = driver?.readName?.(name ?? '') ?? {};
  return { ...Object.fromEntries(numbers), series, board };
}

/** Where each fact of {@link typeFacts} is from. */
export function factSources(
  type: DescribedType & Pick<CardType, 'sources'>,
): Readonly<Record<string, FactSource>> {
  const driver = driverForType(type.id);
  const attributes = new Map(
    [...commonFacts, ...(driver?.facts ?? [])].map(({ key, attribute }) => [key, attribute]),
  );
  const entries = Object.entries(typeFacts(type)).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([key]) => {
      const attribute = attributes.get(key);
      return [key, attribute === undefined ? 'name' : (type.sources?.[attribute] ?? 'kernel')];
    }),
  );
}

/** A type's name without the prefix that all names of its vendor have: `M60-2Q` of `GRID M60-2Q`. */
export function shortTypeName({ id, name = id }: NamedType): string {
  return driverForType(id)?.readName?.(name)?.shortName ?? name;
}

/**
 * All spellings of a type: its id, the id without the driver's name (`18`, and `0x12` if it is a number, as nvidia-smi lists
 * types), its name, and its short names. KubeVirt writes a name with `_` for each space (`GRID_M60-2Q`).
 */
export function typeSpellings({ id, name }: NamedType): readonly string[] {
  const shortId = id.slice(id.indexOf('-') + 1);
  const number = /^[1-9]\d{0,8}$/.test(shortId) ? [`0x${Number(shortId).toString(16)}`] : [];
  const own = [id, shortId, ...number];
  if (name === undefined) return own;
  const short = shortTypeName({ id, name });
  // A name of several words: `RTX Pro 6000 Blackwell DC-4-96Q` is also called `DC-4-96Q`.
  const names = [name, short, short.slice(short.lastIndexOf(' ') + 1)];
  return [...new Set([...own, ...names, ...names.map((each) => each.replaceAll(' ', '_'))])];
}
