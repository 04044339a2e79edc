import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { connect, NodedevError } from '../../../src/index.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { XML } from '../journal/operations.ts';

let root: string;
/** What somebody else has, who planted a link to it. */
let outside: string;

beforeEach(() => {
  const folder = temporaryFolder({ inMemory: true });
  root = join(folder, 'host');
  outside = join(folder, 'outside');
  makeSimulatedHost(root, 'nvidia-m60');
  mkdirSync(outside);
  writeFileSync(join(outside, 'passwd'), 'root:x:0:0');
});

/** Puts a link where we write. */
function plant(path: string, target: string): void {
  const link = join(root, path);
  rmSync(link, { recursive: true, force: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(target, link);
}

const UUID = '00000000-0000-4000-8000-000000000001';

describe.each([
  ['run', '', 'store-failed'],
  ['run/virt-nodedev', '', 'store-failed'],
  ['run/virt-nodedev/active.json', 'passwd', 'store-failed'],
  ['run/virt-nodedev/lock', '', 'store-failed'],
  ['var/lib', '', 'store-failed'],
  ['var/lib/virt-nodedev', '', 'store-failed'],
  ['var/lib/virt-nodedev/persistent.json', 'passwd', 'store-failed'],
  ['var/lib/virt-nodedev/journal', '', 'store-failed'],
  ['etc/mdevctl.d', '', 'definition-invalid'],
  ['etc/mdevctl.d/0000:86:00.0', '', 'definition-invalid'],
  [`etc/mdevctl.d/0000:86:00.0/${UUID}`, 'passwd', 'definition-invalid'],
])('a link planted at %s', (path, name, code) => {
  it.each(['there', 'missing'])('to what is %s is not followed', async (target) => {
    plant(path, join(outside, target === 'there' ? name : 'nothing'));
    const manager = await connect(`sim://${root}`);
    await expect(manager.define(XML)).rejects.toSatisfy(
      (error) => error instanceof NodedevError && [code, 'store-failed'].includes(error.code),
    );
    await manager.close();
    expect(readdirSync(outside)).toEqual(['passwd']);
    expect(readFileSync(join(outside, 'passwd'), 'utf8')).toBe('root:x:0:0');
  });
});

it('links with the names of our temporary files are not written through', async () => {
  const manager = await connect(`sim://${root}`);
  await manager.define(XML); // makes the folders
  await manager.undefine((await manager.group('g')).members.map(({ name }) => name));
  plant('var/lib/virt-nodedev/journal/.virt-nodedev-next', join(outside, 'passwd'));
  plant('etc/mdevctl.d/.virt-nodedev-1-aaaaaaaaaaaa', join(outside, 'passwd'));
  await manager.define(XML);
  await manager.close();
  expect(readFileSync(join(outside, 'passwd'), 'utf8')).toBe('root:x:0:0');
});

it('a journal entry that is a link is not read', async () => {
  const manager = await connect(`sim://${root}`);
  await manager.create(XML);
  const boot = readFileSync(join(root, 'proc/sys/kernel/random/boot_id'), 'utf8').trim();
  const intent = { do: 'create', uuid: UUID, parent: '0000:86:00.0', type: 'nvidia-18' };
  const entry = { format: 1, writer: '0', id: 'aa', boot, intents: [intent] };
  writeFileSync(join(outside, 'aa.json'), `${JSON.stringify(entry)}\n`);
  plant('var/lib/virt-nodedev/journal/aa.json', join(outside, 'aa.json'));
  await expect(manager.recover()).rejects.toMatchObject({ code: 'store-failed' });
  expect((await manager.list({ capabilities: ['mdev'] })).items).toHaveLength(3);
  await manager.close();
  expect(existsSync(join(outside, 'aa.json'))).toBe(true);
});
