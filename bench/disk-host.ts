import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { makeSimulatedHost } from '../src/host/simulated/init.ts';
import { connect } from '../src/index.ts';
import { byTurns, inFolder, run } from './measure.ts';
import { plantedUuid } from './planted-tree.ts';
import type { Row } from './table.ts';

const ROUNDS = 11;
/** Devices each round creates and destroys through one manager. */
const DEVICES = 16;
const BIN = 'dist/cli/bin.js';
const NODE = 'node -e 0';
const FILE = 'a file made durable';

/**
 * What one change costs on a simulated host on disk, with its lock, journal and store: through one manager, beside
 * what the disk takes to write, sync and rename one small file, and with one command for each change, beside Node's
 * own start.
 */
export function diskHosts(): Promise<readonly Row[]> {
  return inFolder(async (folder) => {
    const [library, command] = [`${folder}/library`, `${folder}/command`];
    for (const host of [library, command]) makeSimulatedHost(host, 'nvidia-m60');
    const manager = await connect(`sim://${library}`);
    const uuids = Array.from({ length: DEVICES }, (_, index) => plantedUuid(index));
    const documents = uuids.map(documentOf);
    const [uuid = ''] = uuids;
    const file = `${folder}/device.xml`;
    writeFileSync(file, documentOf(uuid));
    const time = await byTurns(ROUNDS, [
      [FILE, () => uuids.forEach(() => makeDurable(folder))],
      [
        'manager',
        async () => {
          for (const [index, document] of documents.entries()) {
            await manager.create(document);
            await manager.destroy(uuids[index] ?? '');
          }
        },
      ],
      [NODE, () => run(process.execPath, ['-e', '0'])],
      ['create', () => run(process.execPath, [BIN, '-c', `sim://${command}`, 'create', file])],
      ['destroy', () => run(process.execPath, [BIN, '-c', `sim://${command}`, 'destroy', uuid])],
    ]);
    await manager.close();
    return [
      { what: FILE, figure: time(FILE) / DEVICES, unit: 'ms' },
      {
        what: 'create and destroy, simulated host on disk, one manager',
        figure: (DEVICES * 1000) / time('manager'),
        unit: 'devices/s',
        ratio: time('manager') / time(FILE),
        to: FILE,
        aim: { of: 'figure', least: 200 },
      },
      ...(['create', 'destroy'] as const).map(
        (name): Row => ({
          what: `virt-nodedev ${name}, simulated host on disk`,
          figure: time(name),
          unit: 'ms',
          ratio: time(name) / time(NODE),
          to: NODE,
          aim: name === 'create' ? { of: 'ratio', most: 2.5 } : undefined,
        }),
      ),
    ];
  });
}

function makeDurable(folder: string): void {
  const descriptor = openSync(`${folder}/next`, 'w');
  writeFileSync(descriptor, 'x'.repeat(400));
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(`${folder}/next`, `${folder}/file`);
}

const documentOf = (uuid: string): string =>
  `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-11'/><uuid>${uuid}</uuid></capability></device>`;
