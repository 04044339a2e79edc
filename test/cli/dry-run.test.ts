import { lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { dryRunOption } from '../../src/cli/options.ts';
import { connect } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { run, type RunResult } from './run.ts';

const U = '11111111-2222-4333-8444-000000000001';
const V = '11111111-2222-4333-8444-000000000002';
const PLACE = '--parent PARENT --type TYPE';

/** Every file, folder and link below a folder, with what it has. */
function bytesOf(folder: string, below = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(join(folder, below))) {
    const path = join(below, name);
    const status = lstatSync(join(folder, path));
    if (status.isSymbolicLink()) found.set(path, `-> ${readlinkSync(join(folder, path))}`);
    else if (status.isDirectory()) {
      found.set(path, 'folder');
      for (const [key, value] of bytesOf(folder, path)) found.set(key, value);
    } else if (status.isFile() && (status.mode & 0o400) !== 0) {
      found.set(path, readFileSync(join(folder, path), 'latin1'));
    } else found.set(path, `mode ${status.mode}`);
  }
  return found;
}

it('every command that changes something takes --dry-run, and no other', async () => {
  for (const { name, load } of commands) {
    const { command } = await load();
    const takes = command.options.some((option) => option.name === dryRunOption.name);
    expect([name, takes]).toEqual([name, command.changes === true]);
  }
});

/** Each is run with --dry-run first, then in earnest: both say the same. `!`: both are refused, with the same error. */
const LINES = [
  `create ${PLACE} --uuid ${U} --group g`,
  `!create ${PLACE} --uuid ${U}`,
  '!create --parent nowhere --type TYPE',
  '!create --parent PARENT --type nothing',
  '!create two.xml',
  `group claim g vm`,
  '!group claim g other',
  'group release g',
  `group create h ${U}`,
  `group remove h ${U}`,
  `group claim ${U} vm`,
  `!destroy ${U}`,
  `group release ${U}`,
  `define ${PLACE} --uuid ${U}`,
  `define ${PLACE} --uuid ${V} --autostart`,
  `autostart ${V} --disable`,
  `update ${U} device.xml --config`,
  `autostart ${U}`,
  `hostdev ${U} --into vm.xml`,
  'sim start vm.xml',
  `!destroy ${U}`,
  'sim stop vm',
  `destroy ${U}`,
  `!destroy ${U}`,
  `start ${U}`,
  `!start ${U}`,
  `destroy ${U}`,
  'start-parent PARENT',
  `undefine ${U} ${V}`,
  `!undefine ${V}`,
  'gc --older-than 0',
  'sim delay create 1',
  'sim unbind PARENT',
  'sim bind PARENT',
  'sim reset',
  'sim init new --profile nvidia-m60',
  '!sim init new --profile nvidia-m60',
  '!sim init other --profile none',
  'recover',
] as const;

const VM = `<domain type='kvm'><name>vm</name><memory>1048576</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os><devices/></domain>\n`;

const RANDOM = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gu;

/** What is told, but for what differs between what would be and what is: random uuids, and that something was undone. */
const told = ({ code, stdout, stderr }: RunResult): unknown => ({
  code,
  stdout: stdout
    .replaceAll(/^dry run: /gmu, '')
    .replaceAll(/created \d+ s ago/gu, 'created')
    .replaceAll(/^ {2}"dryRun": true,\n/gmu, ''),
  stderr: stderr
    .replaceAll(/^ {2}"dryRun": true,\n/gmu, '')
    .replaceAll(RANDOM, (uuid) => (uuid === U || uuid === V ? uuid : 'UUID'))
    .replaceAll(/^warning: undone: .*\n/gmu, '')
    .replaceAll(/\[(?:\s+\{\s+"code": "undone",[^}]*\},?)+\s+\]/gu, '[]'),
});

it.each([
  ['nvidia-m60', ''],
  ['nvidia-m60', ' --json'],
  ['kernel-samples', ''],
  ['nvidia-l40s', ' --json'],
])(
  'on %s it says what would be done, changes not a byte, and fails as in earnest%s',
  async (profile, form) => {
    const folder = temporaryFolder({ inMemory: true });
    const command = async (line: string): Promise<RunResult> =>
      run(line.split(' '), {
        connect,
        cwd: folder,
        env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
      });
    await command(`sim init host --profile ${profile}`);
    const connection = await connect(`sim://${folder}/host`);
    const { items } = await connection.types();
    await connection.close();
    const type = items.find(({ availableInstances }) => availableInstances > 0);
    if (type === undefined) throw new Error('no room');
    const device = (uuid = ''): string =>
      `<device><parent>${type.parent}</parent><capability type='mdev'><type id='${type.id}'/>${uuid}</capability></device>`;
    writeFileSync(join(folder, 'vm.xml'), VM);
    writeFileSync(join(folder, 'device.xml'), device(`<uuid>${U}</uuid>`));
    // One more than there is room for.
    const more = Array.from({ length: type.availableInstances + 1 }, () => device());
    writeFileSync(join(folder, 'two.xml'), `<devices>${more.join('')}</devices>`);
    for (const line of LINES) {
      const words = line
        .replace('!', '')
        .replaceAll('PARENT', type.parent)
        .replaceAll('TYPE', type.id);
      const before = bytesOf(folder);
      const dry = await command(`${words} --dry-run${form}`);
      expect([line, bytesOf(folder)]).toEqual([line, before]);
      const done = await command(`${words}${form}`);
      expect([line, done.code !== 0]).toEqual([line, line.startsWith('!')]);
      expect([line, told(dry)]).toEqual([line, told(done)]);
    }
  },
);

it('needs nothing of a simulated kernel: a real one is asked, and not written to', async () => {
  const folder = temporaryFolder({ inMemory: true });
  const command = (line: string): Promise<RunResult> =>
    run(line.split(' '), { connect, cwd: folder });
  await command('sim init host --profile nvidia-m60');
  const before = bytesOf(folder);
  const create = `create --parent pci_0000_86_00_0 --type nvidia-22 --uuid ${U} --dry-run`;
  const onReal = await command(`-c sysfs://${folder}/host ${create}`);
  expect(onReal).toMatchObject({ code: 0, stderr: '' });
  expect(onReal.stdout).toContain('dry run: Node device mdev_');
  expect(await command(`-c sim://${folder}/host ${create}`)).toEqual(onReal);
  expect(bytesOf(folder)).toEqual(before);
});

it('of setting a card up, it asks the programs of the vendor, and runs none that changes something', async () => {
  const folder = temporaryFolder({ inMemory: true });
  const known = { connect, cwd: folder, env: { VIRT_NODEDEV_URI: `sim://${folder}/host` } };
  await run(['sim', 'init', 'host', '--profile', 'nvidia-l40s-bare'], known);
  writeFileSync(
    join(folder, 'on.xml'),
    "<device><name>pci_0000_42_00_0</name><capability type='vgpu'><functions>on</functions></capability></device>",
  );
  const dry = await run(['apply', 'on.xml', '--dry-run'], known);
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  expect(dry.stdout).toBe((await run(['plan', 'on.xml'], known)).stdout);
  expect((await run(['apply', 'on.xml'], known)).code).toBe(0);
});
