import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../src/index.ts';
import { median, type Row, type Section } from './table.ts';

const ROUNDS = 5;
const PARENTS = 16;

/** Listing active devices of a tree: in process, as a whole command, and beside mdevctl where it is installed. */
export async function listing(count: number): Promise<Section> {
  const root = mkdtempSync(join(tmpdir(), 'virt-nodedev-bench-'));
  try {
    plantDevices(root, count);
    const command = ['dist/cli/bin.js', '-c', `sysfs://${root}`];
    const inProcess: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      const manager = await connect(`sysfs://${root}`);
      await manager.list({ capabilities: ['mdev'] });
      inProcess.push(performance.now() - start);
      await manager.close();
    }
    const mdevctl = measure('mdevctl', ['list', '--dumpjson'], { MDEVCTL_ENV_ROOT: root });
    const rows: readonly (Row | undefined)[] = [
      mdevctl === undefined
        ? { name: 'virt-nodedev --version', milliseconds: versionTime(command) }
        : { name: 'mdevctl list --dumpjson', milliseconds: mdevctl },
      { name: 'virt-nodedev: list, in process', milliseconds: median(inProcess) },
      named('virt-nodedev list, whole command', measure(process.execPath, [...command, 'list'])),
      mdevctl === undefined
        ? undefined
        : { name: 'virt-nodedev --version', milliseconds: versionTime(command) },
    ];
    return {
      title: `Listing ${count} active devices (median of ${ROUNDS}, ratio to the first)`,
      rows: rows.flatMap((row) => row ?? []),
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function named(name: string, milliseconds: number | undefined): Row | undefined {
  return milliseconds === undefined ? undefined : { name, milliseconds };
}

function versionTime(command: readonly string[]): number {
  return measure(process.execPath, [...command, '--version']) ?? Number.NaN;
}

/** Undefined when the program is not there or fails. */
function measure(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): number | undefined {
  const times = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    const { status } = spawnSync(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    return status === 0 ? [performance.now() - start] : [];
  }).flat();
  return times.length < ROUNDS ? undefined : median(times);
}

/** The part of sysfs a listing reads, laid out as the kernel does (drivers/vfio/mdev/mdev_sysfs.c). */
function plantDevices(root: string, count: number): void {
  const bus = join(root, 'sys/bus/mdev/devices');
  const parents = join(root, 'sys/class/mdev_bus');
  const home = join(root, 'sys/devices/pci0000:00');
  for (const folder of [bus, parents, home]) mkdirSync(folder, { recursive: true });
  for (let index = 0; index < PARENTS; index++) {
    const address = addressOf(index);
    const type = join(home, address, 'mdev_supported_types/nvidia-18');
    mkdirSync(join(type, 'devices'), { recursive: true });
    for (const [name, text] of [
      ['available_instances', '4'],
      ['device_api', 'vfio-pci'],
      ['name', 'GRID M60-2Q'],
      ['create', ''],
    ] as const) {
      writeFileSync(join(type, name), `${text}\n`);
    }
    symlinkSync(`../../devices/pci0000:00/${address}`, join(parents, address));
  }
  for (let index = 0; index < count; index++) {
    const uuid = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    const address = addressOf(index % PARENTS);
    const device = join(home, address, uuid);
    mkdirSync(device);
    symlinkSync('../mdev_supported_types/nvidia-18', join(device, 'mdev_type'));
    symlinkSync(`../../../devices/pci0000:00/${address}/${uuid}`, join(bus, uuid));
  }
}

const addressOf = (index: number): string =>
  `0000:${(index + 1).toString(16).padStart(2, '0')}:00.0`;
