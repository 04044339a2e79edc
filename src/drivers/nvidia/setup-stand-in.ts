import { isMigBacked } from './mig.ts';
import type { SetupState, StandInAnswer, StandInCard, ToolCommand } from '../card-setup.ts';

type CardAt = (address: string) => StandInCard | undefined;

/** The compute slices of a GPU in MIG mode. */
const SLICES = 7;

/**
 * Stands in for `sriov-manage` and for the mode switches of `nvidia-smi` on a simulated host: with their statuses, and with what a
 * reader looks for in their output.
 */
export function standIn({ program, args }: ToolCommand, cardAt: CardAt): StandInAnswer {
  return program.endsWith('/sriov-manage') ? sriovManage(args, cardAt) : nvidiaSmi(args, cardAt);
}

function sriovManage([flag, address = '']: readonly string[], cardAt: CardAt): StandInAnswer {
  const card = cardAt(address);
  if (card === undefined || (flag !== '-e' && flag !== '-d')) {
    return { status: 1, output: `${address} is not a VF-capable GPU.\n` };
  }
  const on = flag === '-e';
  if (card.hasDevices) {
    // What is on already stays so, and nothing is bound anew.
    return on && card.state.functions
      ? { status: 0, output: '' }
      : { status: 1, output: `VFs of ${address} are in use.\n` };
  }
  return { status: 0, output: '', address, step: { do: 'functions', on } };
}

function nvidiaSmi(args: readonly string[], cardAt: CardAt): StandInAnswer {
  const address = args[args.indexOf('-i') + 1] ?? '';
  const card = cardAt(address);
  if (card === undefined) return { status: 6, output: 'No devices were found\n' };
  const { state, hasDevices, types } = card;
  const canMig = types.some(isMigBacked);
  const valueOf = (flag: string): string | undefined =>
    args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
  if (args.includes('-q')) return { status: 0, output: modesText(state, canMig) };
  if (args.includes('-lgi')) return listInstances(state);
  const mig = valueOf('-mig');
  if (mig !== undefined) {
    if (!canMig)
      return { status: 3, output: `Unable to set MIG Mode for GPU ${address}: Not Supported\n` };
    if (state.functions)
      return {
        status: 19,
        output: `Unable to set MIG Mode for GPU ${address}: In use by another client\n`,
      };
    return { status: 0, output: 'All done.\n', address, step: { do: 'mig', on: mig === '1' } };
  }
  const mixed = valueOf('-shm');
  if (mixed !== undefined) {
    if (state.mig === true) return { status: 3, output: 'Not Supported\n' };
    if (hasDevices) return { status: 19, output: 'In use by another client\n' };
    return { status: 0, output: 'All done.\n', address, step: { do: 'mixed', on: mixed === '1' } };
  }
  const profiles = valueOf('-cgi')?.split(',');
  if (profiles === undefined)
    return { status: 2, output: 'Invalid combination of input arguments.\n' };
  if (state.mig !== true) return { status: 6, output: 'No MIG-enabled devices found.\n' };
  const slices = [...state.instances, ...profiles].reduce(
    (sum, one) => sum + Number.parseInt(one, 10),
    0,
  );
  if (slices > SLICES) {
    return { status: 19, output: 'Failed to create GPU instances: Insufficient Resources\n' };
  }
  return {
    status: 0,
    output: 'Successfully created GPU instances\n',
    address,
    step: { do: 'instances', profiles },
  };
}

/** The lines of `nvidia-smi -q` about modes. */
function modesText({ functions, mig, mixed }: SetupState, canMig: boolean): string {
  const word = (is: boolean | undefined): string => (is === true ? 'Enabled' : 'Disabled');
  return [
    '    MIG Mode',
    `        Current                           : ${canMig ? word(mig) : 'N/A'}`,
    `        Pending                           : ${canMig ? word(mig) : 'N/A'}`,
    '    GPU Virtualization Mode',
    '        Virtualization Mode               : Host VGPU',
    `        Host VGPU Mode                    : ${functions ? 'SR-IOV' : 'N/A'}`,
    `        vGPU Heterogeneous Mode           : ${mig === true ? 'N/A' : word(mixed)}`,
    '',
  ].join('\n');
}

function listInstances({ mig, instances }: SetupState): StandInAnswer {
  if (mig !== true) return { status: 6, output: 'No MIG-enabled devices found.\n' };
  if (instances.length === 0) return { status: 6, output: 'No GPU instances found: Not Found\n' };
  const rows = instances.map(
    (profile, index) =>
      `|   0  ${`MIG ${profile}`.padEnd(16)} 19       ${String(index + 1).padStart(2)}          0:1     |`,
  );
  return { status: 0, output: `| GPU instances:${' '.repeat(40)}|\n${rows.join('\n')}\n` };
}
