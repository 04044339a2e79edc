import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ended, endOf, mount, mountsBelow, until, virtNodedev } from './mounted-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-ends-'));
const [root, sys, vfio] = ['host', 'sys', 'dev vfio'].map((name) => join(folder, name));

beforeAll(async () => {
  for (const path of [sys, vfio]) mkdirSync(path ?? '');
  await virtNodedev('sim', 'init', root ?? '', '--profile', 'kernel-samples');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const serve = () => mount(root ?? '', sys ?? '', '--vfio', vfio ?? '');
const isEmpty = () => mountsBelow(folder).length === 0 && readdirSync(sys ?? '').length === 0;

it.each(['SIGTERM', 'SIGINT'] as const)('%s unmounts both folders', async (signal) => {
  const server = await serve();
  expect(mountsBelow(folder).length).toBe(2);
  server.kill(signal);
  expect(await endOf(server)).toMatchObject({ code: 0 });
  expect(isEmpty()).toBe(true);
});

it('so does umount of either', async () => {
  for (const path of [sys, vfio]) {
    const server = await serve();
    execFileSync('umount', [path ?? '']);
    expect(await endOf(server)).toMatchObject({ code: 0 });
    expect(isEmpty()).toBe(true);
  }
});

it('who uses a folder keeps nobody from ending', async () => {
  const server = await serve();
  const user = ended('sh', '-c', `cd ${sys}; exec 3<class; echo ready; sleep 1000 & echo $!; wait`);
  await until(() => usersOf(sys ?? '') > 0);
  server.kill();
  expect(await endOf(server)).toMatchObject({ code: 0 });
  expect(isEmpty()).toBe(true);
  for (const pid of pidsIn(folder)) process.kill(pid, 'SIGKILL');
  await user;
});

it('a server that is killed leaves nothing mounted', async () => {
  const server = await serve();
  server.kill('SIGKILL');
  await endOf(server);
  await until(() => mountsBelow(folder).length === 0);
  expect(isEmpty()).toBe(true);
});

it('what is left when its guards are killed as well is told by doctor, and mounted anew', async () => {
  const server = await serve();
  for (const pid of guardsOf(folder)) process.kill(pid, 'SIGKILL');
  await until(() => guardsOf(folder).length === 0);
  server.kill('SIGKILL');
  await endOf(server);
  expect(mountsBelow(folder).length).toBe(2);
  expect(existsSync(join(sys ?? '', 'class'))).toBe(false); // an error at once, and no waiting
  const { stdout } = await virtNodedev('-c', `sim://${root}`, 'doctor');
  expect(stdout).toContain(`${sys} is still mounted`);
  expect(stdout).toContain(`${vfio} is still mounted`);
  const next = await serve();
  expect(mountsBelow(folder).length).toBe(2);
  expect(existsSync(join(sys ?? '', 'class'))).toBe(true);
  next.kill();
  await endOf(next);
  expect(isEmpty()).toBe(true);
});

it.each([
  ['a folder that is not there', 'nowhere', 'no such file'],
  ['a file', 'host/sim/profile.xml', 'own directory'],
  ['the host itself', 'host', 'own directory'],
])('%s is no mountpoint', async (_, path, reason) => {
  const { code, stderr } = await virtNodedev('sim', 'mount', root ?? '', join(folder, path));
  expect([code, stderr.toLowerCase()]).toEqual([1, expect.stringContaining(reason)]);
  expect(isEmpty()).toBe(true);
});

/** The processes with a name in their command line. */
function guardsOf(words: string): readonly number[] {
  return processes().filter((pid) => {
    const line = read(`/proc/${pid}/cmdline`);
    return line.includes('virt-nodedev-guard') && line.includes(words);
  });
}

const processes = (): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** The processes that a shell in this folder has started. */
const pidsIn = (words: string): readonly number[] =>
  processes()
    .filter((pid) => {
      const line = read(`/proc/${pid}/cmdline`);
      return line.startsWith('sh\0-c\0cd ') && line.includes(words);
    })
    .flatMap((pid) => [
      ...read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number),
      pid,
    ]);

const usersOf = (path: string): number => pidsIn(path).length;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
