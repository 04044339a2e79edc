import type { NamedValue } from '../nodedev/device.ts';
import { numberAmong } from './description.ts';
import { parseNvidiaProfile } from './nvidia-profile.ts';

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

/** What a type is, in one vocabulary for all vendors. What its description does not say is undefined. */
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
  /** Bytes the CPU can map (Intel's aperture). */
  readonly lowGraphicsMemory?: number | undefined;
  /** Bytes it cannot (Intel). */
  readonly highGraphicsMemory?: number | undefined;
  /** Bytes (the kernel's mbochs). */
  readonly videoMemory?: number | undefined;
  /** Fence registers (Intel). */
  readonly fence?: number | undefined;
  /** Share of the GPU's time (Intel). */
  readonly weight?: number | undefined;
  /** The most of them one GPU takes (NVIDIA). */
  readonly maxInstances?: number | undefined;
  /** What it is licensed for (NVIDIA): A applications, B virtual PC, C compute, Q workstation. */
  readonly series?: string | undefined;
  /** The GPU its name says: `M60`. */
  readonly board?: string | undefined;
}

/** The facts of one type, from its attributes and, for NVIDIA, from its name. */
export function typeFacts({ name, attributes }: DescribedType): TypeFacts {
  const count = (item: string): number | undefined => numberAmong(attributes, item);
  const bytes = (item: string): number | undefined => {
    const kib = count(item);
    return kib === undefined ? undefined : kib * 1024;
  };
  const profile = parseNvidiaProfile(name ?? '');
  return {
    framebuffer: bytes('framebuffer'),
    heads: count('num_heads'),
    width: count('hres'),
    height: count('vres'),
    frameLimit: count('frl_config'),
    lowGraphicsMemory: bytes('low_gm_size'),
    highGraphicsMemory: bytes('high_gm_size'),
    videoMemory: bytes('video_memory'),
    fence: count('fence'),
    weight: count('weight'),
    maxInstances: count('max_instance'),
    series: profile?.series,
    board: profile?.board,
  };
}

/**
 * Every way to write a type: its id, the id without the driver's name (`18`), its name, and an NVIDIA name without
 * `GRID ` or `NVIDIA `. KubeVirt writes the name with `_` for each space (`GRID_M60-2Q`).
 */
export function typeSpellings({ id, name }: Pick<DescribedType, 'id' | 'name'>): readonly string[] {
  const shortId = id.slice(id.indexOf('-') + 1);
  if (name === undefined) return [id, shortId];
  const shortName = parseNvidiaProfile(name)?.shortName ?? name;
  return [...new Set([id, shortId, name, name.replaceAll(' ', '_'), shortName])];
}
