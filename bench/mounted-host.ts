import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import type { HostParent } from '../src/host/host.ts';
import type { SimulatedHost } from '../src/host/simulated/host.ts';
import { makeSimulatedHost } from '../src/host/simulated/init.ts';
import { byTurns, inFolder } from './measure.ts';
import { plantedUuid } from './planted-tree.ts';
import type { Row } from './table.ts';

const ROUNDS = 11;
const BIN = 'dist/cli/bin.js';
const [READS, DEVICES] = [200, 8];
const TYPE = '/devices/virtual/mtty/mtty/mdev_supported_types/mtty-1';
const [PLAIN_READ, READ] = ['read a file of a simulated host', 'the same, through sim mount'];
const [PLAIN, MOUNTED] = [
  'create and remove, simulated host on disk, its own calls',
  'create and remove, through sim mount',
];

/**
 * What other programs pay for answers: reads and writes through a mount, beside the same file of the plain tree, and the host's own
 * calls without lock and journal. Nothing where no mount can be made: it takes root and FUSE.
 */
export function mountedHosts(): Promise<readonly Row[]> {
  return inFolder(async (folder) => {
    const [own, served, sys] = [`${folder}/own`, `${folder}/served`, `${folder}/sys`];
    const host = makeSimulatedHost(own, 'kernel-samples');
    makeSimulatedHost(served, 'kernel-samples');
    mkdirSync(sys);
    const server = canMount() ? await mounted(served, sys) : undefined;
    if (server === undefined) return [];
    try {
      return await measured(host, own, sys);
    } finally {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    }
  });
}

async function measured(host: SimulatedHost, own: string, sys: string): Promise<readonly Row[]> {
  const uuids = Array.from({ length: DEVICES }, (_, index) => plantedUuid(index));
  const read = (root: string) => () => {
    for (let index = 0; index < READS; index++) readFileSync(`${root}${TYPE}/available_instances`);
  };
  const parent = parentOf(host);
  const time = await byTurns(ROUNDS, [
    [PLAIN_READ, read(`${own}/sys`)],
    [READ, read(sys)],
    [
      PLAIN,
      () => {
        for (const uuid of uuids) {
          host.create(parent, 'mtty-1', uuid);
          const device = host.find(uuid);
          if (device !== undefined) host.remove(device);
        }
      },
    ],
    [
      MOUNTED,
      () => {
        for (const uuid of uuids) {
          write(`${sys}${TYPE}/create`, uuid);
          write(`${sys}/bus/mdev/devices/${uuid}/remove`, '1');
        }
      },
    ],
  ]);
  const rowsOf = (what: string, to: string, count: number, unit: string): readonly Row[] => [
    { what: to, figure: (count * 1000) / time(to), unit },
    { what, figure: (count * 1000) / time(what), unit, ratio: time(what) / time(to), to },
  ];
  return [
    ...rowsOf(READ, PLAIN_READ, READS, 'reads/s'),
    ...rowsOf(MOUNTED, PLAIN, DEVICES, 'devices/s'),
  ];
}

/** One write(2), as a shell's `>` makes it. */
const write = (path: string, words: string): void => writeFileSync(path, words);

function canMount(): boolean {
  try {
    accessSync('/dev/fuse', constants.W_OK);
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

/** The server, when it says that the host is mounted; undefined when it cannot. */
async function mounted(host: string, sys: string): Promise<ChildProcess | undefined> {
  const server = spawn(process.execPath, [BIN, 'sim', 'mount', host, sys], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const heard: readonly unknown[] = await Promise.race([
    once(server.stdout, 'data'),
    once(server, 'exit'),
  ]);
  return String(heard[0]).includes('mounted at') ? server : undefined;
}

function parentOf(host: SimulatedHost): HostParent {
  const parent = host.parent('mtty');
  if (parent === undefined) throw new Error('no mtty');
  return parent;
}
