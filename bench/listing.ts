import { spawnSync } from 'node:child_process';
import { connect } from '../src/index.ts';
import { byTurns, inFolder, type Job, run } from './measure.ts';
import { plantDevices, plantedUuid } from './planted-tree.ts';
import type { Row } from './table.ts';

const ROUNDS = 7;
const BIN = 'dist/cli/bin.js';

/** Listing active devices of a tree, in process and as a whole command; beside mdevctl where there is one. */
export function listing(count: number): Promise<readonly Row[]> {
  return inFolder(async (root) => {
    plantDevices(root, count);
    const uri = `sysfs://${root}`;
    const env = { MDEVCTL_ENV_ROOT: root };
    const hasMdevctl = (await mdevctlMissing()) === undefined;
    const mdevctl: Job = ['mdevctl', () => run('mdevctl', ['list', '--dumpjson'], env)];
    const time = await byTurns(ROUNDS, [
      ['version', () => run(process.execPath, [BIN, '--version'])],
      ['list', () => run(process.execPath, [BIN, '-c', uri, 'list'])],
      ['in process', () => listIn(uri)],
      ...(hasMdevctl ? [mdevctl] : []),
    ]);
    const devices = `${count.toLocaleString('en-US')} devices`;
    const command: Row = {
      what: `list ${devices}, whole command`,
      figure: time('list'),
      unit: 'ms',
      ratio: time('list') / time('version'),
      to: '--version',
      // Of 10,000 nothing is asked but that it grows as it should.
      aim: count === 1000 ? { of: 'ratio', most: 1.3 } : undefined,
    };
    const inProcess = {
      what: `list ${devices}, in process`,
      figure: time('in process'),
      unit: 'ms',
    };
    if (!hasMdevctl) return [command, inProcess];
    const toMdevctl = (name: string) => ({
      ratio: time(name) / time('mdevctl'),
      to: 'mdevctl list',
    });
    return [
      command,
      {
        ...command,
        ...toMdevctl('list'),
        // Of 1,000 most is the start of Node.
        aim: count === 10_000 ? { of: 'ratio', most: 0.5 } : undefined,
      },
      { ...inProcess, ...toMdevctl('in process'), aim: { of: 'ratio', most: 0.35 } },
      { what: `mdevctl list, ${devices}`, figure: time('mdevctl'), unit: 'ms' },
    ];
  });
}

/** Why listings are not compared with mdevctl's; undefined when they are. */
export function mdevctlMissing(): Promise<string | undefined> {
  return inFolder(async (root) => {
    plantDevices(root, 1);
    const env = { ...process.env, MDEVCTL_ENV_ROOT: root };
    const { error, stdout } = spawnSync('mdevctl', ['list'], { env, encoding: 'utf8' });
    if (error !== undefined) return 'mdevctl is not installed';
    return stdout.includes(plantedUuid(0))
      ? undefined
      : 'this mdevctl lists the host itself only; 1.3.0 and later list any tree';
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
