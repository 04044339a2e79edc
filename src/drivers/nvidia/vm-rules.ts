import type { NamedType, VmRule } from '../vm-rule.ts';
import { type NvidiaTypeName, parseNvidiaTypeName } from './type-name.ts';

/** The vGPUs of one VM by their names; one with an unknown name is accepted, so it is left out. */
function named(
  types: readonly NamedType[],
): readonly (NvidiaTypeName & { readonly index: number })[] {
  return types.flatMap(({ name = '' }, index) => {
    const parsed = parseNvidiaTypeName(name);
    return parsed === undefined ? [] : [{ index, ...parsed }];
  });
}

/** Several vGPUs of one VM may differ in size, but not in board and series. */
export const oneBoardAndSeries: VmRule = {
  name: 'mixed',
  severity: 'error',
  summary: 'NVIDIA vGPUs of one domain are of one board and one series',
  source:
    'https://docs.nvidia.com/ai-enterprise/release-8/8.1/infra-software/vgpu/features/multi-vgpu.html',
  example: 'One device is an A40-48C, the other an A16-8C.',
  conflicts(types) {
    const [first, ...others] = named(types);
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

/** The full size of a vGPU in GiB on the Maxwell and Pascal boards: of these, several of that size alone go into one VM. */
const FULL_SIZES: Readonly<Record<string, number>> = {
  M6: 8,
  M10: 8,
  M60: 8,
  P4: 8,
  P6: 16,
  P40: 24,
  P100: 16,
  P100C: 12,
  P100X: 16,
};

/**
 * Whether a type may be one of several in one VM. NVIDIA's driver says it of each type: `multiVgpuSupported` in its
 * `vgpuConfig.xml`. In 510 (vGPU 14) that is 1 for full-size Q- and C-series types only, on every board; the release notes of 525 (vGPU
 * 15, "Multiple vGPU Support") list all Q- and C-series types from Volta on, and full-size ones on Pascal; the page of today lists
 * C-series types of all sizes. Where they agree it is a rule, but hosts with a patched driver run such VMs all the same
 * (https://github.com/mbilker/vgpu_unlock-rs/issues/24), so it is a warning.
 */
export const severalAtAll: VmRule = {
  name: 'several',
  severity: 'warning',
  summary: 'several NVIDIA vGPUs in one domain are of types that NVIDIA lists for it',
  source:
    'https://docs.nvidia.com/vgpu/latest/ (release notes for KVM: Multiple vGPU Support); https://github.com/mbilker/vgpu_unlock-rs/issues/38',
  example: 'Both devices are a P4-4Q, half of a P4.',
  conflicts(types) {
    const all = oneBoardAndSeries.conflicts(types).length > 0 ? [] : named(types);
    const offender = all.find((type) => reasonAgainst(type) !== undefined);
    const other = all.find(({ index }) => index !== offender?.index);
    if (offender === undefined || other === undefined) return [];
    return [
      {
        device: Math.max(offender.index, other.index),
        other: Math.min(offender.index, other.index),
        why: reasonAgainst(offender) ?? '',
        hint: 'Take one larger vGPU. Where the driver refuses it, its log says "multiple vGPUs in a VM not supported": `journalctl -u nvidia-vgpu-mgr`.',
      },
    ];
  },
};

function reasonAgainst({ board, series, size, shortName }: NvidiaTypeName): string | undefined {
  if (series === 'A' || series === 'B') {
    return `NVIDIA lists Q- and C-series types for several vGPUs in a VM, not ${shortName}`;
  }
  const full = FULL_SIZES[board];
  return full === undefined || size === full
    ? undefined
    : `of board ${board}, NVIDIA lists only ${board}-${full}${series} for several vGPUs in a VM`;
}
