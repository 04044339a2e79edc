import { writeFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { SysfsHost } from '../../src/host/sysfs/host.ts';
import { connect } from '../../src/index.ts';

// What a creation costs beyond the write to the kernel's file.

const ROUNDS = 200;
const CREATE = '/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create';

const host = new SysfsHost('/');
const mtty = host.parent('mtty') ?? fail();
const figures: string[] = [];

afterAll(() => {
  process.stdout.write(`create, median of ${ROUNDS}: ${figures.join(', ')}\n`);
});

function fail(): never {
  throw new Error('no parent mtty');
}

const uuidOf = (round: number): string =>
  `c0ffee00-1111-4222-8333-${String(round).padStart(12, '0')}`;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function milliseconds(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

it('by the host is at most 1.2 times a bare write; the time of the engine is printed', async () => {
  const manager = await connect();
  const bare: number[] = [];
  const byHost: number[] = [];
  const byEngine: number[] = [];
  // In turn, so that whatever else the machine does meets all three.
  for (let round = 0; round < ROUNDS; round += 1) {
    const uuid = uuidOf(round);
    const document = `<device><parent>mtty_mtty</parent><capability type='mdev'>
<type id='mtty-1'/><uuid>${uuid}</uuid></capability></device>`;
    bare.push(await milliseconds(() => writeFileSync(CREATE, uuid)));
    writeFileSync(`/sys/bus/mdev/devices/${uuid}/remove`, '1');
    byHost.push(await milliseconds(() => host.create(mtty, 'mtty-1', uuid)));
    writeFileSync(`/sys/bus/mdev/devices/${uuid}/remove`, '1');
    byEngine.push(await milliseconds(() => manager.create(document)));
    await manager.destroy(uuid);
  }
  await manager.close();
  const ratio = median(byHost) / median(bare);
  const engineRatio = median(byEngine) / median(bare);
  figures.push(
    `bare write ${median(bare).toFixed(2)} ms`,
    `host ${median(byHost).toFixed(2)} ms (${ratio.toFixed(2)} times)`,
    `engine, from XML ${median(byEngine).toFixed(2)} ms (${engineRatio.toFixed(1)} times)`,
  );
  expect(ratio).toBeLessThanOrEqual(1.2);
});
