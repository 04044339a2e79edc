import { onceForText } from '../once.ts';
import type { TypeName } from '../type-fact.ts';

/** The parts of an NVIDIA vGPU type's name: `GRID M60-2B4` is board M60, size 2, series B, variant 4. */
export interface NvidiaTypeName extends TypeName {
  /** The name without `GRID ` or `NVIDIA `: `M60-2B4`. */
  readonly shortName: string;
  /** The GPU: `M60`, `A40`, `RTX6000-Ada`. */
  readonly board: string;
  /** Compute slices of a MIG-backed type (`H200X-1-18C`: 1); undefined for a time-sliced one. */
  readonly slices?: number | undefined;
  /** Framebuffer in GiB, as in the name; 0 means 512 MiB. */
  readonly size: number;
  /** Its licence: A applications, B virtual PC, C compute, Q workstation. */
  readonly series: 'A' | 'B' | 'C' | 'Q';
  /** The text after the series: `4` (M60-2B4), `ME` (A100-1-5CME). */
  readonly variant?: string | undefined;
}

const NAME =
  /^(?:(?:GRID|NVIDIA) )?((\w(?:.*?\w)?)-(?:(\d+)-)?(\d+)(A|B|C|Q)(?:[-+]?([A-Z0-9.]+))?)$/;

/**
 * Reads the name of an NVIDIA vGPU type; undefined for anything else.
 * Grammar: https://docs.nvidia.com/vgpu (virtual GPU types), with the B4 and MIG-backed forms of real hosts.
 */
export const parseNvidiaTypeName = onceForText((name): NvidiaTypeName | undefined => {
  const [, shortName, board, slices, size, series, variant] = NAME.exec(name) ?? [];
  if (shortName === undefined || board === undefined || size === undefined) return undefined;
  if (series !== 'A' && series !== 'B' && series !== 'C' && series !== 'Q') return undefined;
  return {
    shortName,
    board,
    slices: slices === undefined ? undefined : Number(slices),
    size: Number(size),
    series,
    variant: variant === '' ? undefined : variant,
  };
});
