import type { TypeName } from '../type-fact.ts';
import type { NamedType, VmRule } from '../vm-rule.ts';

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
export function parseNvidiaTypeName(name: string): NvidiaTypeName | undefined {
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
}

/** Several vGPUs of one VM may differ in size, but not in board and series. A vGPU with an unknown name is accepted. */
export const oneBoardAndSeries: VmRule = {
  summary: 'NVIDIA vGPUs of one domain are of one board and one series',
  source:
    'https://docs.nvidia.com/ai-enterprise/release-8/8.1/infra-software/vgpu/features/multi-vgpu.html',
  example: 'One device is an A40-48C, the other an A16-8C.',
  conflicts(types: readonly NamedType[]) {
    const [first, ...others] = types.flatMap(({ name = '' }, index) => {
      const parsed = parseNvidiaTypeName(name);
      return parsed === undefined ? [] : [{ index, ...parsed }];
    });
    if (first === undefined) return [];
    return others
      .filter(({ board, series }) => board !== first.board || series !== first.series)
      .map(({ index }) => ({
        device: index,
        other: first.index,
        why: 'board and series differ',
        hint: `Take types of board ${first.board}, series ${first.series}.`,
      }));
  },
};
