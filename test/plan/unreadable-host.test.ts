import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { type Connection, connect, NodedevError } from '../../src/index.ts';
import { asOurs } from '../../src/engine/told-error.ts';
import { interceptFs } from '../support/intercept-fs.mjs';
import { temporaryFolder } from '../support/temporary-folder.ts';

const UUID = '00000000-0000-4000-8000-000000000001';
const XML = `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/>
  <uuid>${UUID}</uuid></capability></device>`;
/** So many calls of the file system lie between those that fail. */
const EVERY = 3;
const ERRNOS = ['EMFILE', 'EIO', 'ENOMEM', 'EACCES'];

const CALLS: readonly (readonly [name: string, call: (connection: Connection) => unknown])[] = [
  ['list', (connection) => connection.list({ state: 'all' })],
  ['info', (connection) => connection.info(UUID)],
  ['dumpxml', (connection) => connection.dumpxml(UUID)],
  ['types', (connection) => connection.types()],
  ['groups', (connection) => connection.groups()],
  ['doctor', (connection) => connection.doctor()],
  ['topology', (connection) => connection.topology()],
  ['validate', (connection) => connection.validate(XML)],
  ['plan', (connection) => connection.plan(XML, { prune: true })],
  ['create', (connection) => connection.create(XML.replace(/<uuid>.*<\/uuid>/u, ''))],
  ['gc', (connection) => connection.gc({ dryRun: true })],
  ['connect', ({ uri }) => connect(uri).then((other) => other.close())],
];

it.each(CALLS)('%s on a host that cannot be read says so with a NodedevError', async (_, call) => {
  const root = join(temporaryFolder({ inMemory: true }), 'host');
  makeSimulatedHost(root, 'nvidia-m60');
  const connection = await connect(`sim://${root}`);
  onTestFinished(() => connection.close());
  await connection.create(XML);
  const others: unknown[] = [];
  let struck = 0;
  for (let at = 1; ; at += EVERY) {
    let ahead = at;
    const restore = interceptFs(({ name, args }) => {
      if (name === 'existsSync' || !String(args[0]).startsWith(root)) return;
      ahead -= 1;
      if (ahead !== 0) return;
      const code = ERRNOS[at % ERRNOS.length] ?? '';
      const details = { code, syscall: name, path: args[0] };
      throw Object.assign(new Error(`${code}: injected`), details);
    });
    const error: unknown = await Promise.resolve(call(connection)).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    restore();
    if (error !== undefined && !(error instanceof NodedevError)) others.push(error);
    if (ahead > 0) break;
    struck += 1;
  }
  expect(others).toEqual([]);
  expect(struck).toBeGreaterThan(0);
});

it('an error about an open file, which has no path, is told as one', () => {
  const error = Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'close' });
  expect(asOurs(error)).toMatchObject({
    code: 'store-failed',
    message: 'cannot close an open file: EIO',
  });
});
