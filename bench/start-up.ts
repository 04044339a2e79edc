import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, type Section } from './table.ts';

/** How often each command line runs, in turns, so that what disturbs the machine disturbs all alike. */
const ROUNDS = 21;
const AIM = 2.2;
const BIN = 'dist/cli/bin.js';

/** Starting the bundled command, on a simulated host of two GPUs. */
export function startUp(): Section {
  const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-bench-'));
  const virtNodedev = (...words: readonly string[]): readonly string[] => [
    BIN,
    '-c',
    `sim://${folder}/host`,
    ...words,
  ];
  try {
    measure([BIN, 'sim', 'init', `${folder}/host`, '--profile', 'nvidia-m60']);
    const lines = [
      line('node -e 0', ['-e', '0']),
      line('virt-nodedev --version', virtNodedev('--version'), AIM),
      line('virt-nodedev list', virtNodedev('list'), AIM),
      // As on a real host: the same tree, without what simulates a kernel.
      line('… with sysfs:///', [BIN, '-c', `sysfs://${folder}/host`, 'list'], AIM),
      line('virt-nodedev types', virtNodedev('types')),
      line('virt-nodedev dumpxml', virtNodedev('dumpxml', 'pci_0000_86_00_0')),
      line('virt-nodedev --help', virtNodedev('--help')),
    ];
    for (let round = 0; round < ROUNDS; round++) {
      for (const { args, times } of lines) times.push(measure(args));
    }
    return {
      title: `Start-up (median of ${ROUNDS}, ratio to Node's own)`,
      rows: lines.map(({ name, aim, times }) => ({ name, aim, milliseconds: median(times) })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Line {
  readonly name: string;
  readonly args: readonly string[];
  readonly aim: number | undefined;
  readonly times: number[];
}

function line(name: string, args: readonly string[], aim?: number): Line {
  return { name, args, aim, times: [] };
}

/** Milliseconds a program takes from start to end. */
function measure(args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const time = performance.now() - start;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${String(status)}:\n${stderr}`);
  return time;
}
