import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { stateOf } from '../engine/journal/operations.ts';
import { uuidOf } from './hosts.ts';
import { wishXml } from './planned-host.ts';

const [GONE, CHANGED, NEW] = [uuidOf(1), uuidOf(2), uuidOf(3)] as const;
const vgpu = (uuid: string, limit = 1): string =>
  wishXml({
    uuid,
    parent: '0000:86:00.0',
    type: 'nvidia-18',
    params: `frame_rate_limiter=${limit}`,
  });

/** A host with two devices and a callout of version 1 that writes down each call and then does this. */
async function scriptedHost(script: string) {
  const root = join(temporaryFolder(), 'host');
  makeSimulatedHost(root, 'nvidia-m60');
  const connection = await connect(`sim://${root}`);
  await connection.create(vgpu(GONE));
  await connection.create(vgpu(CHANGED));
  const path = join(root, 'usr/lib/mdevctl/scripts.d/callouts/log.sh');
  const log = join(root, 'log');
  mkdirSync(dirname(path), { recursive: true });
  // By another process: one that this process has open for writing while it forks cannot be run.
  execFileSync('sh', ['-c', 'cat >"$0" && chmod 755 "$0"', path], {
    input: `#!/bin/sh\n[ "$6" = capabilities ] && exit 1\necho "$4 $6 $8 \${10}" >>${log}\n${script}\n`,
  });
  const calls = (): readonly string[] =>
    readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/00000000-0000-4000-8000-0{11}/, ''));
  return { connection, calls };
}

const DESIRED = [vgpu(CHANGED, 2), vgpu(NEW)];

describe("mdevctl's scripts around a plan", () => {
  it('are all asked before anything is done, and reported afterwards', async () => {
    const { connection, calls } = await scriptedHost('');
    await connection.apply(await connection.plan(DESIRED, { prune: true }));
    expect(calls()).toEqual([
      'pre stop none 1',
      'pre start none 3',
      'pre modify none 2',
      'post modify success 2',
      'post start success 3',
      'post stop success 1',
    ]);
    await connection.close();
  });

  it('refuse all of it', async () => {
    const { connection, calls } = await scriptedHost('[ "$4 $6" != "pre start" ]');
    const before = await stateOf(connection);
    const plan = await connection.plan(DESIRED, { prune: true });
    await expect(connection.apply(plan)).rejects.toMatchObject({ code: 'script-failed' });
    expect(calls()).toEqual(['pre stop none 1', 'pre start none 3', 'post stop failure 1']);
    expect(await stateOf(connection)).toEqual(before);
    await connection.close();
  });
});
