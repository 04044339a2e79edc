import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ajv, type ValidateFunction } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { jsonOption } from '../../src/cli/options.ts';
import { connect } from '../../src/index.ts';
import { EtcdDouble } from '../support/etcd-double.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { answerSchemas } from './answer-schemas.ts';
import { run, type RunResult } from './run.ts';

const FOLDER = 'schemas/json';
const U = '11111111-2222-4333-8444-000000000001';
const V = '11111111-2222-4333-8444-000000000002';

it('the schemas are what the types of the answers say', () => {
  const schemas = answerSchemas();
  if (process.env['UPDATE_SCHEMAS'] === '1') {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    for (const [name, schema] of schemas) {
      writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(schema, undefined, 2)}\n`);
    }
  }
  const files = readdirSync(FOLDER).map((file) => file.replace(/\.json$/u, ''));
  expect(files.toSorted()).toEqual([...schemas.keys()].toSorted());
  for (const [name, schema] of schemas) {
    const written: unknown = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
    expect(written, '`npm run schemas` writes it').toEqual(JSON.parse(JSON.stringify(schema)));
  }
});

/** What they print is a protocol already: an editor's, that of a host over ssh, mdevctl's, and that of the scripts of shells; an agent answers in etcd. */
const PROTOCOLS = new Set(['lsp', 'serve', 'mdevctl', 'agent', '__complete']);

it('every command answers as JSON, and there is a schema for each', async () => {
  const files = new Set(readdirSync(FOLDER).map((file) => file.replace(/\.json$/u, '')));
  for (const { name, load } of commands) {
    const { command } = await load();
    const isAnswer = !PROTOCOLS.has(name);
    expect([name, command.options.includes(jsonOption)]).toEqual([name, isAnswer]);
    expect([name, files.has(name.replace(' ', '-'))]).toEqual([name, isAnswer]);
  }
});

const valid = new Map<string, ValidateFunction>();
const met = new Set<string>();

beforeAll(() => {
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  for (const file of readdirSync(FOLDER)) {
    const schema: object = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
    valid.set(file.replace(/\.json$/u, ''), ajv.compile(schema));
  }
});

/** The answer, which is checked against the schema that it names. */
function answerIn(text: string): Record<string, unknown> {
  const answer: Record<string, unknown> = JSON.parse(text);
  const [name = ''] = String(answer['schema']).split('/');
  const validate = valid.get(name);
  if (validate === undefined) throw new Error(`no schema: ${text.slice(0, 200)}`);
  if (!validate(answer)) {
    throw new Error(`${JSON.stringify(validate.errors)}: ${text.slice(0, 2000)}`);
  }
  met.add(name);
  return answer;
}

/** What tells of devices, while a domain owns them. */
const OWNED = ['list', `info ${U}`, 'topology', 'group list', 'group show g', 'doctor', 'metrics'];

/** What is done on each host: TYPE and PARENT are its first ones with room. `!`: it is refused; `+`, `-`: it changes something, or does not. */
const LINES = [
  'list',
  'list --all',
  'types',
  'topology',
  'doctor',
  'info PARENT',
  'dumpxml PARENT',
  'explain TYPE PARENT',
  'predict TYPE@PARENT',
  'place TYPE',
  'export nova',
  'metrics',
  '!place 1000000xTYPE',
  `+create --parent PARENT --type TYPE --uuid ${U} --group g`,
  `!create --parent PARENT --type TYPE --uuid ${U}`,
  `-create --parent PARENT --type TYPE --uuid ${U} --if-not-exists`,
  '!create --parent nowhere --type TYPE',
  '!create',
  'list --long',
  `info ${U}`,
  `dumpxml ${U}`,
  'types',
  'topology',
  'group list',
  'group show g',
  '!group show nowhere',
  '+group claim g vm',
  '-group claim g vm',
  '!group claim g other',
  ...OWNED,
  '+group release g',
  `+group create h ${U}`,
  '!group add g h',
  `-group add h ${U}`,
  `+group remove h ${U}`,
  `hostdev ${U}`,
  `+hostdev ${U} --into vm.xml`,
  `-hostdev ${U} --into vm.xml`,
  '+migrate-xml vm.xml --to there --xml live.xml --dry-run',
  '+migrate-xml vm.xml --to there --xml live.xml',
  '!migrate-xml vm.xml --to there --xml live.xml',
  '+sim start vm.xml',
  `!destroy ${U}`,
  '+sim stop vm',
  `+hostdev ${U} --into vm.xml --remove`,
  `+define --parent PARENT --type TYPE --uuid ${U}`,
  `-define --parent PARENT --type TYPE --uuid ${U}`,
  `-define device.xml --if-not-exists`,
  `+update ${U} device.xml`,
  `+autostart ${U}`,
  `-autostart ${U}`,
  `+destroy ${U}`,
  `+start ${U}`,
  `!start ${U}`,
  `+destroy ${U}`,
  '+start-parent PARENT',
  '-start-parent PARENT',
  `+destroy ${U}`,
  `-destroy ${U} --if-exists`,
  `+undefine ${U}`,
  `!undefine ${U}`,
  `-undefine ${U} nowhere --if-exists`,
  '-undefine --group nowhere --if-exists',
  `-destroy ${U} nowhere --if-exists`,
  '-destroy --group nowhere --if-exists',
  '-gc --dry-run --older-than 0',
  '-gc',
  'plan desired',
  '!diff desired',
  '!assert desired',
  '+apply desired --dry-run',
  '+apply desired',
  '-apply desired',
  'assert desired',
  '+gc --older-than 0',
  '-recover',
  '+sim fail create EIO',
  `!create --parent PARENT --type TYPE --uuid ${U}`,
  '+sim delay create 1',
  '+sim unbind PARENT',
  '+sim bind PARENT',
  '+sim unplug CARD',
  'list',
  'types',
  '+sim plug CARD',
  'sim capture',
  '+sim reset',
  'validate vm.xml desired',
  '!validate broken.xml',
] as const;

/** On any host, or none. */
const ALONE = [
  'sim profiles',
  '+sim init new --profile nvidia-m60',
  'rules',
  'rules ramfb-without-display',
  'event --list',
  'help',
  'help group',
  'help list',
  'group',
  'list --help',
  'list --version',
  'completion zsh',
  '-libvirt-hook vm started begin -',
  'sim import types.txt',
  '!nothing',
  '!types --where x',
] as const;

const VM = `<domain type='kvm'><name>vm</name><memory>1048576</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os><devices/></domain>\n`;

const VM_ON_S390 = VM.replace('x86_64', 's390x').replace('q35', 's390-ccw-virtio');

const TYPES = `0000:86:00.0
  nvidia-11
    Available instances: 16
    Device API: vfio-pci
    Name: GRID M60-0B
    Description: num_heads=2, frl_config=45, framebuffer=512M, max_resolution=2560x1600, max_instance=16
`;

async function check(line: string, command: (line: string) => Promise<RunResult>): Promise<void> {
  const [, sign, words = ''] = /^([!+-]?)(.*)$/u.exec(line) ?? [];
  const { code, stdout, stderr } = await command(words);
  // What is refused is an error, or an answer that is no success.
  const answer = answerIn(stdout === '' ? stderr : stdout);
  expect({
    line,
    refused: code !== 0,
    beside: stdout === '' ? '' : stderr,
    changed: sign === '+' || sign === '-' ? answer['changed'] : undefined,
  }).toEqual({
    line,
    refused: sign === '!',
    beside: '',
    changed: sign === '+' ? true : sign === '-' ? false : undefined,
  });
}

describe.each([
  'nvidia-m60',
  'kernel-samples',
  'nvidia-l40s',
  'intel-gvtg',
  's390-ccw-ap',
  'mixed-frameworks',
] as const)('real answers on %s', (profile) => {
  it('are as their schemas say, also whether something was changed', async () => {
    const folder = temporaryFolder({ inMemory: true });
    const runIn = async (line: string): Promise<RunResult> =>
      run([...line.split(' '), '--json'], {
        connect,
        cwd: folder,
        env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
      });
    for (const name of ['host', 'there']) {
      answerIn((await runIn(`sim init ${name} --profile ${profile}`)).stdout);
    }
    const connection = await connect(`sim://${folder}/host`);
    const { items } = await connection.types();
    const { cards } = await connection.topology();
    await connection.close();
    const type = items.find(({ availableInstances }) => availableInstances > 0);
    if (type === undefined) throw new Error('no room');
    const card = cards.find(({ parents }) => parents.some(({ name }) => name === type.parent));
    expect(card).toBeDefined();
    const device = (uuid: string): string =>
      `<device><parent>${type.parent}</parent><capability type='mdev'><type id='${type.id}'/><uuid>${uuid}</uuid></capability></device>`;
    writeFileSync(join(folder, 'vm.xml'), profile === 's390-ccw-ap' ? VM_ON_S390 : VM);
    writeFileSync(
      join(folder, 'device.xml'),
      device(U).replace('<device>', '<device><name>named</name>'),
    );
    writeFileSync(join(folder, 'broken.xml'), '<domain>');
    mkdirSync(join(folder, 'desired'));
    writeFileSync(join(folder, 'desired/one.xml'), device(V));
    const info = answerIn((await runIn(`info ${type.parent}`)).stdout);
    const { physicalFunction } = info;
    const top = typeof physicalFunction === 'string' ? physicalFunction : type.parent;
    for (const line of LINES) {
      const words = line
        .replaceAll('PARENT', type.parent)
        .replaceAll('TYPE', type.id)
        .replaceAll('CARD', top);
      await check(words, runIn);
    }
  });
});

it('those that need no host, too', async () => {
  expect.hasAssertions();
  const folder = temporaryFolder({ inMemory: true });
  writeFileSync(join(folder, 'types.txt'), TYPES);
  for (const line of ALONE) {
    await check(line, (words) =>
      run([...words.split(' '), '--json'], {
        connect,
        cwd: folder,
        env: { VIRT_NODEDEV_URI: 'test:///default' },
      }),
    );
  }
});

it('and each host of a fleet', async () => {
  expect.hasAssertions();
  const folder = temporaryFolder({ inMemory: true });
  const hosts = ['nvidia-m60', 'none'].map(
    (name) => `<host name='${name}' uri='test:///${name}'/>`,
  );
  writeFileSync(join(folder, 'fleet.xml'), `<fleet>${hosts.join('')}</fleet>`);
  for (const line of ['list', 'types', 'topology', 'doctor']) {
    const words = [line, '--fleet', 'fleet.xml', '--json'];
    const { stdout } = await run(words, { connect, cwd: folder });
    const { hosts: answers } = answerIn(stdout);
    expect(answers).toMatchObject([{ state: 'answered' }, { state: 'unknown' }]);
    const first: unknown = Array.isArray(answers) ? answers[0] : undefined;
    if (typeof first === 'object' && first !== null && 'answer' in first) {
      answerIn(JSON.stringify(first.answer));
    }
  }
});

it.each(['--help', '--version', '-V'])('and %s without a command', async (word) => {
  const { code, stdout, stderr } = await run([word, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  expect(answerIn(stdout)['schema']).toBe(word === '--help' ? 'help/1' : 'version/1');
  expect(await run(['--json', word])).toEqual({ code, stdout, stderr });
});

it('and each event', async () => {
  const folder = temporaryFolder({ inMemory: true });
  const known = { connect, cwd: folder, env: { VIRT_NODEDEV_URI: `sim://${folder}/host` } };
  await run(['sim', 'init', 'host', '--profile', 'kernel-samples'], known);
  const events: string[] = [];
  const waiting = run(['event', '--event', 'lifecycle', '--json'], {
    ...known,
    onOutput: (stdout) => events.push(stdout),
  });
  for (let tries = 0; events.length === 0 && tries < 600; tries += 1) {
    await run(`create --parent mtty_mtty --type mtty-2 --uuid ${U}`.split(' '), known);
    await sleep(100);
    await run(['destroy', U], known);
  }
  await waiting;
  expect(answerIn(events[0] ?? '')['change']).toMatch(/^(?:created|deleted)$/u);
});

it('and the sockets of attached devices', async () => {
  const folder = temporaryFolder({ inMemory: true });
  const known = { connect, cwd: folder, env: { VIRT_NODEDEV_URI: `sim://${folder}/host` } };
  await run(['sim', 'init', 'host', '--profile', 'kernel-samples'], known);
  await run(`create --parent mdpy_mdpy --type mdpy-vga --uuid ${U}`.split(' '), known);
  const interruption = new AbortController();
  const { stdout } = await run(['sim', 'attach', U, '--json'], {
    ...known,
    interruption: interruption.signal,
    onOutput: () => {
      interruption.abort();
    },
  });
  expect(answerIn(stdout)).toMatchObject({ devices: [{ uuid: U }] });
});

it('and those of a fleet', async () => {
  await using etcd = await EtcdDouble.start();
  const ending = new AbortController();
  const known = { connect, env: { VIRT_NODEDEV_URI: 'test:///nvidia-m60' } };
  const fleet = (line: string): Promise<RunResult> =>
    run([...line.split(' '), '--etcd', etcd.url, '--json'], known);
  const words = ['agent', '--name', 'gpu1', '--etcd', etcd.url];
  const agent = run(words, { ...known, interruption: ending.signal });
  const inventory = '/virt-nodedev/v1/hosts/gpu1/inventory';
  await expect.poll(() => etcd.values.has(inventory), { timeout: 60_000 }).toBe(true);
  for (const line of [
    '+fleet reserve vm=nvidia-18*2',
    '!fleet reserve vm=nvidia-18',
    '+fleet apply vm',
    '!fleet apply other',
    'fleet status',
    '+fleet release vm',
  ]) {
    await check(line, fleet);
  }
  ending.abort();
  await agent;
});

it('and where a host is mounted, and how a command on it ended', async () => {
  const asked: unknown[] = [];
  const host = await connect('test:///kernel-samples');
  const known = {
    cwd: '/nowhere',
    connect: () =>
      Promise.resolve({
        ...host,
        mountHost: (folder: string) => {
          asked.push(folder);
          return Promise.resolve({
            ended: Promise.resolve(),
            unmount: () => Promise.resolve(),
            [Symbol.asyncDispose]: () => Promise.resolve(),
          });
        },
        runCommand: (words: readonly string[]) => {
          asked.push(words);
          return Promise.resolve({ exitCode: 3, signal: undefined });
        },
      }),
  };
  const mounted = await run(['sim', 'mount', 'host', 'mnt', '--json'], known);
  expect(answerIn(mounted.stdout)).toMatchObject({ mountpoint: '/nowhere/mnt' });
  const ran = await run(['sim', 'run', '--json', 'host', '--', 'ls', '--json'], known);
  expect(ran.code).toBe(3);
  expect(answerIn(ran.stdout)).toMatchObject({ exitCode: 3 });
  // The command's own output is not between program and answer.
  expect(asked).toEqual(['/nowhere/mnt', ['sh', '-c', 'exec "$@" >&2', 'sh', 'ls', '--json']]);
});

it('and every schema was met', () => {
  expect([...valid.keys()].filter((name) => !met.has(name))).toEqual([]);
});

it('a device of another type with the same uuid is there otherwise, also with --if-not-exists', async () => {
  const folder = temporaryFolder({ inMemory: true });
  const command = (line: string): Promise<RunResult> =>
    run([...line.split(' '), '--json'], {
      connect,
      cwd: folder,
      env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
    });
  const create = `create --parent pci_0000_86_00_0 --uuid ${U} --if-not-exists --type`;
  await command('sim init host --profile nvidia-m60');
  expect((await command(`${create} nvidia-18`)).code).toBe(0);
  expect(answerIn((await command(`${create} nvidia-18`)).stdout)['changed']).toBe(false);
  const other = await command(`${create} nvidia-11`);
  expect(other.code).toBe(1);
  expect(answerIn(other.stderr)).toMatchObject({ error: { code: 'uuid-exists' } });
});
