import type {
  CardSetup,
  SetupRefusal,
  SetupState,
  SetupStep,
  ToolAnswer,
  ToolCommand,
  WantedSetup,
} from '../card-setup.ts';
import { settingOf } from '../settings.ts';
import { HOMOGENEOUS } from './homogeneous.ts';
import { INSTANCES, instancesOf, MIG, writeInstances } from './mig.ts';
import { standIn } from './setup-stand-in.ts';

export const SRIOV_MANAGE = '/usr/lib/nvidia/sriov-manage';
export const NVIDIA_SMI = '/usr/bin/nvidia-smi';

/** 160 virtual functions take more than 30 s (https://github.com/NVIDIA/gpu-operator/pull/2002). */
const SRIOV_SECONDS = 120;
const SMI_SECONDS = 30;

/**
 * What comes before any vGPU, in the order that was found on RTX PRO 6000 (https://github.com/bigstack-oss/cubecos/pull/1338):
 * MIG mode, which stays over a reboot and cannot change while virtual functions are on; virtual functions, whose turning on or
 * off takes GPU instances and mixed-size mode away; then mixed-size mode or GPU instances. A raw write to `sriov_numvfs` is
 * refused by NVIDIA's driver. GPU instances that are too many go with the functions.
 */
function steps(now: SetupState, wanted: WantedSetup): readonly SetupStep[] {
  const mig = wanted.mode === undefined ? (now.mig ?? false) : wanted.mode === 'mig';
  const changesMig = mig !== (now.mig ?? false);
  const isCut = (wanted.mode !== undefined && !mig) || wanted.instances !== undefined;
  const isTooMany = isCut && without(now.instances, wanted.instances ?? []).length > 0;
  const made: SetupStep[] = [];
  let state = now;
  const make = (step: SetupStep): void => {
    made.push(step);
    state = after(state, step);
  };
  if (now.functions && (changesMig || isTooMany || !wanted.functions)) {
    make({ do: 'functions', on: false });
  }
  if (changesMig) make({ do: 'mig', on: mig });
  if (!wanted.functions) return made;
  if (!state.functions) make({ do: 'functions', on: true });
  const mixed = wanted.mode === 'mixed';
  if (wanted.mode !== undefined && !mig && mixed !== (state.mixed ?? false)) {
    make({ do: 'mixed', on: mixed });
  }
  const profiles = without(wanted.instances ?? [], state.instances);
  if (profiles.length > 0) make({ do: 'instances', profiles });
  return made;
}

function after(now: SetupState, step: SetupStep): SetupState {
  switch (step.do) {
    case 'functions': {
      const mixed = now.mixed === undefined ? undefined : false;
      return { ...now, functions: step.on, mixed, instances: [] };
    }
    case 'mig':
      return { ...now, mig: step.on, instances: [] };
    case 'mixed':
      return { ...now, mixed: step.on };
    case 'instances':
      return { ...now, instances: [...now.instances, ...step.profiles] };
  }
}

/** The entries of one list that another one has not, each as often as it is missing. */
function without(list: readonly string[], other: readonly string[]): readonly string[] {
  const left = [...other];
  return list.filter((entry) => {
    const index = left.indexOf(entry);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

const smi = (...args: readonly string[]): ToolCommand => ({
  program: NVIDIA_SMI,
  args,
  seconds: SMI_SECONDS,
});

function command(address: string, step: SetupStep): ToolCommand {
  switch (step.do) {
    case 'functions':
      return {
        program: SRIOV_MANAGE,
        args: [step.on ? '-e' : '-d', address],
        seconds: SRIOV_SECONDS,
      };
    case 'mig':
      return smi('-i', address, '-mig', step.on ? '1' : '0');
    case 'mixed':
      return smi('vgpu', '-shm', step.on ? '1' : '0', '-i', address);
    case 'instances':
      return smi('mig', '-i', address, '-cgi', step.profiles.join(','), '-C');
  }
}

function words(step: SetupStep): string {
  switch (step.do) {
    case 'functions':
      return `virtual functions ${step.on ? 'on' : 'off'}`;
    case 'mig':
      return `MIG mode ${step.on ? 'on' : 'off'}`;
    case 'mixed':
      return `mixed-size mode ${step.on ? 'on' : 'off'}`;
    case 'instances':
      return `GPU instances ${step.profiles.join(', ')}`;
  }
}

/** `Enabled` or `Disabled` after a label of `nvidia-smi -q`; undefined for `N/A` and without the label. */
function isEnabled(text: string, label: RegExp): boolean | undefined {
  const value = label.exec(text)?.[1]?.trim();
  return value === 'Enabled' ? true : value === 'Disabled' ? false : undefined;
}

/** `nvidia-smi -q` with the modes, and the table of `nvidia-smi mig -lgi`. */
function read([modes, table]: readonly ToolAnswer[]): Omit<SetupState, 'functions'> | undefined {
  if (modes?.status !== 0) return undefined;
  const text = modes.output;
  // The mode as it will be after a reset of the GPU is `Pending`: the current one decides which types there are.
  const mig = isEnabled(text, /^ *MIG Mode *\n *Current *: *(\S+)/m);
  const mixed = isEnabled(text, /^ *vGPU Heterogeneous Mode *: *(\S+)/m);
  if (mig !== true) return { mig, mixed, instances: [] };
  const isNone =
    table !== undefined && /No (?:GPU instances|MIG-enabled devices) found/.test(table.output);
  if (!isNone && table?.status !== 0) return undefined;
  const rows = isNone ? [] : table.output.matchAll(/^\|\s*\d+\s+MIG\s+(\S+)\s/gm);
  return { mig, mixed, instances: [...rows].map(([, profile = '']) => profile) };
}

/** What the statuses and messages mean (cubecos; https://github.com/bigstack-oss/cubecos/pull/1141 for the lock). */
function refusal(step: SetupStep, { status, output }: ToolAnswer): SetupRefusal {
  const said = lastLine(output);
  if (output.includes('Cannot obtain unbindLock')) {
    return {
      says: `another program uses the GPU, so that its functions cannot be turned on or off (${said})`,
      next: 'stop what has it open for a moment (nvidia-persistenced, dcgm, nv-hostengine, a monitor that asks NVML): `fuser -v /dev/nvidia*` shows it',
      mayPass: true,
    };
  }
  if (step.do !== 'functions' && status === 19) {
    return {
      says:
        step.do === 'instances'
          ? `the GPU has no room for these instances (${said})`
          : `the GPU has a vGPU (${said})`,
      next: step.do === 'instances' ? 'ask for fewer or smaller ones' : 'destroy its vGPUs first',
      mayPass: false,
    };
  }
  if (step.do !== 'functions' && status === 6) {
    return {
      says: `nvidia-smi does not know this GPU (${said})`,
      next: "is it bound to NVIDIA's driver? `nvidia-smi -L` shows those it knows",
      mayPass: false,
    };
  }
  if (status === 0) {
    return {
      says: 'its program said nothing against it, but the GPU does not show it',
      next: step.do === 'mig' ? RESET_PENDING : DRIVER_LOG,
      mayPass: false,
    };
  }
  return {
    says:
      status === undefined ? output : `it ended with ${status}${said === '' ? '' : ` (${said})`}`,
    next: DRIVER_LOG,
    mayPass: false,
  };
}

/** The mode changes with a reset of the GPU, which whoever uses it prevents. */
const RESET_PENDING =
  'the mode may wait for a reset of the GPU (`nvidia-smi -q` shows it as pending): stop what uses the GPU, then `nvidia-smi --gpu-reset`';
const DRIVER_LOG = "`dmesg | grep -i 'NVRM\\|vgpu'` shows what the driver said";

const lastLine = (output: string): string => output.trim().split('\n').at(-1)?.trim() ?? '';

/** How NVIDIA's GPUs are set up, with the programs of its vGPU manager. */
export const nvidiaSetup: CardSetup = {
  boundTo: 'nvidia',
  steps,
  after,
  afterBoot: (now) => ({ ...now, functions: false, mixed: false, instances: [] }),
  // GPU instances are made beside those that have vGPUs.
  needsNoDevice: (step) => step.do !== 'instances',
  command,
  words,
  queries: (address) => [smi('-q', '-i', address), smi('mig', '-lgi', '-i', address)],
  read,
  refusal,
  settings: ({ mig, mixed, instances }) => ({
    [MIG.name]: mig === true ? 'on' : 'off',
    [HOMOGENEOUS.name]: mixed === true ? 'none' : 'framebuffer',
    [INSTANCES.name]: mig === true ? writeInstances(instances) : '',
  }),
  stateOf: (card, functions) => {
    const mig = settingOf(card, MIG) === 'on';
    return {
      functions,
      mig,
      mixed: settingOf(card, HOMOGENEOUS) === 'none',
      instances: mig ? instancesOf(settingOf(card, INSTANCES)) : [],
    };
  },
  standIn,
};
