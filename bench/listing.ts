import { connect } from '../src/index.ts';
import { byTurns, inFolder, isInstalled, type Job, run } from './measure.ts';
import { plantDevices, plantedUuid } from './planted-tree.ts';
import type { Row } from './table.ts';

const ROUNDS = 7;
const BIN = 'dist/cli/bin.js';

/** Listing active devices of a tree, in process and as a whole command; beside mdevctl where it is installed. */
export function listing(count: number): Promise<readonly Row[]> {
  return inFolder(async (root) => {
    plantDevices(root, count);
    const uri = `sysfs://${root}`;
    const env = { MDEVCTL_ENV_ROOT: root };
    const hasMdevctl = isInstalled('mdevctl');
    const mdevctl: Job = ['mdevctl', () => run('mdevctl', ['list', '--dumpjson'], env)];
    const time = await byTurns(ROUNDS, [
      ['version', () => run(process.execPath, [BIN, '--version'])],
      ['list', () => run(process.execPath, [BIN, '-c', uri, 'list'])],
      ['in process', () => listIn(uri)],
      ...(hasMdevctl ? [mdevctl] : []),
    ]);
    const what = `list ${count.toLocaleString('en-US')} devices`;
    const rows: readonly Row[] = [
      {
        what: `${what}, whole command`,
        figure: time('list'),
        unit: 'ms',
        ratio: time('list') / time('version'),
        to: '--version',
        // Of 10,000 nothing is asked but that it grows as it should.
        aim: count === 1000 ? { of: 'ratio', most: 1.3 } : undefined,
      },
      { what: `${what}, in process`, figure: time('in process'), unit: 'ms' },
    ];
    if (!hasMdevctl) return rows;
    const ratio = time('mdevctl') / time('list');
    const to = 'virt-nodedev list';
    return [
      ...rows,
      {
        what: `mdevctl list, ${count.toLocaleString('en-US')}`,
        figure: time('mdevctl'),
        unit: 'ms',
        ratio,
        to,
      },
    ];
  });
}

/** One device among 10,000, in process. */
export function lookup(): Promise<readonly Row[]> {
  return inFolder(async (root) => {
    plantDevices(root, 10_000);
    const manager = await connect(`sysfs://${root}`);
    const uuid = plantedUuid(5000);
    const hundred = async (look: () => Promise<unknown>): Promise<void> => {
      for (let time = 0; time < 100; time++) await look();
    };
    const time = await byTurns(ROUNDS, [
      ['lookup', () => hundred(() => manager.lookup(uuid))],
      ['dumpxml', () => hundred(() => manager.dumpxml(uuid))],
    ]);
    await manager.close();
    return ['lookup', 'dumpxml'].map((name) => ({
      what: `${name} of one uuid among 10,000`,
      figure: time(name) * 10,
      unit: 'µs',
    }));
  });
}

async function listIn(uri: string): Promise<void> {
  const manager = await connect(uri);
  await manager.list({ capabilities: ['mdev'] });
  await manager.close();
}
