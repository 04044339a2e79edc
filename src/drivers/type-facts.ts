import type { NamedValue } from '../nodedev/device.ts';
import { numberAmong } from './description.ts';
import { driverForType } from './registry.ts';
import type { TypeFact } from './type-fact.ts';
import type { NamedType } from './vm-rule.ts';

/** A type as a listing tells it; the description item by item, memory in KiB ({@link typeAttributes}). */
export interface DescribedType {
  /** Directory name: `nvidia-18`. */
  readonly id: string;
  /** Kernels before 6.1 may have none. */
  readonly name?: string | undefined;
  readonly attributes: readonly NamedValue[];
  /** Undefined where nobody looked. */
  readonly availableInstances?: number | undefined;
}

/**
 * What a type is, in one vocabulary for all vendors. What its description does not say is undefined. A driver may add
 * facts of its own (`Driver.facts`), as Intel's `lowGraphicsMemory`.
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
  /** The most of them one GPU takes (NVIDIA). */
  readonly maxInstances?: number | undefined;
  /** What it is licensed for (NVIDIA): A applications, B virtual PC, C compute, Q workstation. */
  readonly series?: string | undefined;
  /** The GPU its name says: `M60`. */
  readonly board?: string | undefined;
  readonly [own: string]: number | string | undefined;
}

/** The facts every driver's types may have, in the order of listings. */
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

/** A fact's number, of memory in bytes; undefined when no attribute says it. */
export function factAmong(
  attributes: readonly NamedValue[],
  { attribute, kind }: TypeFact,
): number | undefined {
  const count = numberAmong(attributes, attribute);
  return count === undefined || kind === 'number' ? count : count * 1024;
}

/** The facts of one type, from its attributes and, where its driver reads them, from its name. */
export function typeFacts({ id, name, attributes }: DescribedType): TypeFacts {
  const driver = driverForType(id);
  const numbers = [...commonFacts, ...(driver?.facts ?? [])].map(
    (fact) => [fact.key, factAmong(attributes, fact)] as const,
  );
  const { series, board } = driver?.readName?.(name ?? '') ?? {};
  return { ...Object.fromEntries(numbers), series, board };
}

/** A type's name without what all names of its vendor have: `M60-2Q` of `GRID M60-2Q`. */
export function shortTypeName({ id, name = id }: NamedType): string {
  return driverForType(id)?.readName?.(name)?.shortName ?? name;
}

/**
 * Every way to write a type: its id, the id without the driver's name (`18`), its name, and its short name.
 * KubeVirt writes the name with `_` for each space (`GRID_M60-2Q`).
 */
export function typeSpellings({ id, name }: NamedType): readonly string[] {
  const shortId = id.slice(id.indexOf('-') + 1);
  if (name === undefined) return [id, shortId];
  return [...new Set([id, shortId, name, name.replaceAll(' ', '_'), shortTypeName({ id, name })])];
}
