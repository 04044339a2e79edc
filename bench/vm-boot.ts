import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, initSimulatedHost } from '../src/index.ts';
import { attach, Guest, until } from '../test/vm/guest.ts';
import { byTurns } from './measure.ts';
import { plantedUuid } from './planted-tree.ts';
import { leftOut, type Row } from './table.ts';

const ROUNDS = 5;
const TYPES = ['mtty-1', 'mdpy-xga', 'mbochs-medium'] as const;
const ALONE = 'boot a VM until its init, no devices';
const WITH_DEVICES = 'the same with three simulated devices';

/**
 * What attached devices cost the boot of a VM in software emulation. It takes the QEMU and the kernel that `npm run test:vm` has made, as it
 * names them in the environment.
 */
export async function vmBoots(): Promise<readonly Row[]> {
  if (process.env['VIRT_NODEDEV_KERNEL'] === undefined) {
    const why = 'VIRT_NODEDEV_DEBIAN and VIRT_NODEDEV_KERNEL name what test/vm/run.sh makes';
    return [leftOut('boots of VMs', why)];
  }
  // In a short path, as sockets have.
  const folder = mkdtempSync(join(tmpdir(), 'vm-'));
  const uri = `sim://${folder}/host`;
  await initSimulatedHost(`${folder}/host`, 'kernel-samples');
  const host = await connect(uri);
  await host.create(
    TYPES.map((type, index) => {
      const parent = type.replace(/-.*/u, '');
      return `<device><parent>${parent}_${parent}</parent><capability type='mdev'><type id='${type}'/>
        <uuid>${plantedUuid(index)}</uuid><group>vm</group></capability></device>`;
    }),
  );
  const server = await attach(uri, '--group', 'vm', '--socket-dir', folder);
  await until(() => server.said.split('attached at').length === TYPES.length + 1);
  const devices = TYPES.flatMap((_, index) => [
    '-device',
    JSON.stringify({
      driver: 'vfio-user-pci',
      socket: { path: `${folder}/${plantedUuid(index)}.sock`, type: 'unix' },
    }),
  ]);
  const boot = async (given: readonly string[]): Promise<void> => {
    const guest = await Guest.boot('vm', given);
    await guest.end('SIGKILL');
  };
  try {
    const time = await byTurns(ROUNDS, [
      [ALONE, () => boot([])],
      [WITH_DEVICES, () => boot(devices)],
    ]);
    return [
      { what: ALONE, figure: time(ALONE) / 1000, unit: 's' },
      {
        what: WITH_DEVICES,
        figure: time(WITH_DEVICES) / 1000,
        unit: 's',
        ratio: time(WITH_DEVICES) / time(ALONE),
        to: ALONE,
      },
    ];
  } finally {
    await server.end();
    rmSync(folder, { recursive: true, force: true });
  }
}
