import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { run } from './run.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const NAME = `mdev_${UUID.replaceAll('-', '_')}_0000_86_00_0`;
const DONE = `an interrupted create was undone: ${NAME}`;

let root: string;

const command = (...words: readonly string[]) =>
  run(['-c', `sim://${root}`, ...words], { connect });

/** A device, */
beforeEach(async () => {
  root = join(temporaryFolder({ inMemory: true }), 'host');
  makeSimulatedHost(root, 'nvidia-m60');
  await command('create', 'samples/vgpu.xml');
});

/** and a journal that says its create was killed before it was complete. */
function interrupt(): void {
  const folder = join(root, 'var/lib/virt-nodedev/journal');
  const boot = readFileSync(join(root, 'proc/sys/kernel/random/boot_id'), 'utf8').trim();
  const intent = { do: 'create', uuid: UUID, parent: '0000:86:00.0', type: 'nvidia-11' };
  const entry = { format: 1, writer: '0', id: 'aa', boot, intents: [intent] };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'aa.json'), `${JSON.stringify(entry)}\n`);
}

it('reports what it recovered, once', async () => {
  interrupt();
  expect(await command('recover')).toEqual({ code: 0, stdout: `${DONE}\n\n`, stderr: '' });
  expect(await command('recover')).toEqual({
    code: 0,
    stdout: 'Nothing to recover\n\n',
    stderr: '',
  });
  expect((await command('info', UUID)).code).toBe(1);
});

it('reports it as JSON', async () => {
  interrupt();
  const { code, stdout, stderr } = await command('recover', '--json');
  const recovered = [{ code: 'recovered', severity: 'warning', message: DONE }];
  expect([code, JSON.parse(stdout), stderr]).toEqual([
    0,
    { schema: 'recover/1', changed: true, recovered, warnings: [] },
    '',
  ]);
});

it('is done by any other command first, which reports it on standard error', async () => {
  interrupt();
  expect(await command('-q', 'list', '--cap', 'mdev')).toEqual({
    code: 0,
    stdout: '',
    stderr: `warning: ${DONE}\n`,
  });
});

it('is among the warnings of an answer in JSON', async () => {
  interrupt();
  const { stdout, stderr } = await command('list', '--cap', 'mdev', '--json');
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    schema: 'list/1',
    devices: [],
    problems: [],
    warnings: [{ code: 'recovered', severity: 'warning', message: DONE }],
  });
});

it('fails when something had to be left', async () => {
  const domain = join(root, 'domain.xml');
  writeFileSync(
    domain,
    `<domain><name>vm1</name><devices><hostdev mode='subsystem' type='mdev' model='vfio-pci'>
      <source><address uuid='${UUID}'/></source></hostdev></devices></domain>`,
  );
  await command('sim', 'start', domain);
  interrupt();
  expect(await command('recover')).toEqual({
    code: 1,
    stdout: `error: an interrupted create was not all put right: ${NAME} is in use
hint: \`virt-nodedev recover\` tries again what can be tried; put right the rest yourself, then \`virt-nodedev recover --forget aa\` ends it

`,
    stderr: '',
  });
  expect((await command('recover')).code).toBe(1);
  const { code, stdout } = await command('doctor');
  expect([code, stdout]).toEqual([1, expect.stringContaining(`${NAME} is in use`)]);
  expect(
    await command('__complete', '--', '-c', `sim://${root}`, 'recover', '--forget', ''),
  ).toMatchObject({
    stdout: expect.stringContaining('aa\n'),
  });
  expect(await command('recover', '--forget', 'ab')).toMatchObject({ code: 1 });
  expect(await command('recover', '--forget', 'aa')).toEqual({
    code: 0,
    stdout: `an interrupted create is forgotten, and stays as it is: ${NAME}\n\n`,
    stderr: '',
  });
  expect((await command('recover')).code).toBe(0);
  expect((await command('info', UUID)).code).toBe(0);
});

it('says what keeps it from recovering', async () => {
  interrupt();
  writeFileSync(join(root, 'var/lib/virt-nodedev/journal/aa.json'), 'broken');
  const { code, stderr } = await command('recover');
  expect(code).toBe(1);
  expect(stderr).toContain('error: Failed to recover\n');
  expect(stderr).toContain('is no journal entry of this version');
});

it('-r leaves it to whoever may change the host, and reads without a word of it', async () => {
  interrupt();
  expect(await command('-r', 'info', UUID)).toMatchObject({ code: 0, stderr: '' });
  const refused = await command('-r', 'recover');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('read only access') });
  expect(await command('recover')).toMatchObject({ code: 0, stdout: `${DONE}\n\n` });
});
