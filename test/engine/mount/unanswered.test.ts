import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect, type Issue } from '../../../src/index.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const UUID = 'c0ffee00-1111-4222-8333-000000000001';
const MTTY = '/sys/devices/virtual/mtty/mtty';
const CREATE = `${MTTY}/mdev_supported_types/mtty-1/create`;

function host(): string {
  const root = join(temporaryFolder({ inMemory: true }), 'host');
  makeSimulatedHost(root, 'kernel-samples').write(CREATE, UUID);
  return root;
}

/** What a new connection is told of, as the files it names. */
async function told(root: string): Promise<readonly string[]> {
  const issues: Issue[] = [];
  const connection = await connect(`sim://${root}`, { report: (issue) => issues.push(issue) });
  const found = await connection.doctor();
  await connection.close();
  const files = (list: readonly Issue[]) =>
    list.flatMap(({ code, message }) =>
      code === 'write-unanswered' ? (/written to (\S+),/.exec(message)?.[1] ?? '') : [],
    );
  expect(files(found)).toEqual(files(issues));
  return files(issues);
}

it.each([CREATE, `${MTTY}/${UUID}/remove`])(
  'a text that another program left in %s is told until recover empties the file',
  async (path) => {
    const root = host();
    expect(await told(root)).toEqual([]);
    const { mode } = statSync(root + path);
    writeFileSync(root + path, '1\n');
    expect(await told(root)).toEqual([root + path]);
    expect(await told(root)).toEqual([root + path]);
    const connection = await connect(`sim://${root}`);
    const done = await connection.recover();
    await connection.close();
    expect(done.map(({ code, message }) => [code, message.split(' ')[0]])).toEqual([
      ['recovered', root + path],
    ]);
    expect(readFileSync(root + path, 'utf8')).toBe('');
    expect(statSync(root + path).mode).toBe(mode);
    expect(await told(root)).toEqual([]);
  },
);

it('a reset empties them, too', async () => {
  const root = host();
  writeFileSync(root + CREATE, UUID);
  const connection = await connect(`sim://${root}`);
  await connection.resetHost();
  await connection.close();
  expect(await told(root)).toEqual([]);
});

it('a host in memory is not mounted', async () => {
  const connection = await connect('test:///default');
  await expect(connection.mountHost('/mnt')).rejects.toMatchObject({ code: 'mount-failed' });
  await expect(connection.runCommand(['true'])).rejects.toMatchObject({ code: 'mount-failed' });
});

it.each(['..', '.', './sys', './sys/class'])(
  'a host is not mounted above or below itself: %s',
  async (place) => {
    const root = host();
    const connection = await connect(`sim://${root}`);
    await expect(connection.mountHost(join(root, place))).rejects.toMatchObject({
      code: 'mount-failed',
      message: expect.stringContaining("host's own directory"),
    });
    await connection.close();
  },
);
