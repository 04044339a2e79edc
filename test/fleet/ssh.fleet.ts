import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { connect, type Connection } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { builtCommand } from '../cli/built-command.ts';
import { type Sshd, startSshd } from './sshd.ts';

const HOST = '127.0.0.1';
const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const XML = `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/>
  <uuid>${UUID}</uuid></capability></device>`;

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd(process.env['VIRT_NODEDEV_SSHD'] ?? '/');
});
afterAll(() => sshd[Symbol.asyncDispose]());
beforeEach(() => sshd.configure());

const open = (there = '', host = HOST): Promise<Connection> =>
  connect(`ssh://${host}/${there}`, { ssh: sshd.ssh });

/** A simulated host in a folder. */
function simulated(): string {
  const folder = join(temporaryFolder(), "a host's folder; $(touch x)");
  makeSimulatedHost(folder, 'nvidia-m60');
  return `sim://${folder}`;
}

it('a host of another machine answers as a host of this one', async () => {
  const uri = simulated();
  await using there = await open(uri);
  await using here = await connect(uri);
  expect(there.uri).toBe(`ssh://${HOST}/${uri}`);
  expect(await there.types()).toEqual(await here.types());
  const { devices } = await there.create(XML);
  expect(devices).toMatchObject([{ uuid: UUID }]);
  expect(await here.info(UUID)).toEqual(await there.info(UUID));
  await expect(there.create(XML)).rejects.toMatchObject({ code: 'uuid-exists' });
});

it('the host by default is that machine', async () => {
  await using there = await open();
  await using here = await connect();
  expect(await there.list()).toEqual(await here.list());
});

it('events come from there', async () => {
  const uri = simulated();
  await using there = await open(uri);
  await using here = await connect(uri);
  const events = await there.events();
  await here.create(XML);
  for await (const event of events) {
    expect(event).toMatchObject({ kind: 'lifecycle', change: 'created', uuid: UUID });
    break;
  }
});

it('a call that waits there is aborted from here', async () => {
  const uri = simulated();
  await using there = await open(uri);
  await there.create(XML);
  await using here = await connect(uri);
  await here.startDomain(`<domain type='kvm'><name>vm</name><memory>1</memory><os><type>hvm</type></os>
    <devices><hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${UUID}'/></source></hostdev></devices></domain>`);
  const abort = new AbortController();
  const destroying = there.destroy(UUID, { wait: 3600, signal: abort.signal });
  abort.abort();
  await expect(destroying).rejects.toMatchObject({ code: 'aborted' });
  await expect(there.destroy(UUID)).rejects.toMatchObject({ code: 'in-use' });
});

it('one connection of ssh serves several of ours, and its end is told', async () => {
  const control = join(sshd.folder, 'control');
  sshd.configure(
    'Host *',
    '  ControlMaster auto',
    `  ControlPath ${control}`,
    '  ControlPersist yes',
  );
  await using first = await open();
  await using second = await open();
  expect(await first.list()).toEqual(await second.list());
  execFileSync('ssh', ['-o', `ControlPath=${control}`, '-O', 'exit', HOST], { stdio: 'pipe' });
  await expect(second.list()).rejects.toMatchObject({
    code: 'connection-lost',
    message: expect.stringContaining('list '),
  });
});

it('the command works over ssh', () => {
  const uri = simulated();
  const run = (...words: readonly string[]): string =>
    execFileSync(process.execPath, [builtCommand, ...words], {
      env: { ...process.env, VIRT_NODEDEV_SSH: sshd.ssh, VIRT_NODEDEV_URI: `ssh://${HOST}/${uri}` },
      encoding: 'utf8',
      input: XML,
    });
  expect(run('create', '-')).toContain('created');
  expect(run('list', '--cap', 'mdev')).toContain('mdev_0695d332');
  expect(run('destroy', UUID)).toContain('Destroyed');
});

describe('a host of a fleet that hangs', () => {
  /** Processes with our configuration in their words: ssh, and what it connects through. */
  const left = (): string =>
    spawnSync('pgrep', ['-f', join(sshd.folder, 'config')], { encoding: 'utf8' }).stdout;

  const cases: readonly (readonly [
    where: string,
    configuration: readonly string[],
    command: string | undefined,
  ])[] = [
    [
      'in what ssh connects through',
      ["ProxyCommand sh -c 'while :; do sleep 1; done' CONFIG"],
      undefined,
    ],
    ['before it says anything', ['Port SILENT'], undefined],
    ['before our command begins', ['ControlPath none'], '#!/bin/sh\nexec cat >/dev/null\n'],
  ];
  it.each(cases)(
    '%s is unknown after its deadline, and leaves no process',
    async (_, lines, program) => {
      const silent = createServer().listen(0, HOST);
      await once(silent, 'listening');
      const address = silent.address();
      const port = typeof address === 'object' ? String(address?.port) : '';
      const own = lines.map((line) =>
        line.replace('CONFIG', join(sshd.folder, 'config')).replace('SILENT', port),
      );
      sshd.configure('Host hangs', ...own, 'Host good hangs', `  HostName ${HOST}`);
      const command = join(sshd.bin, 'virt-nodedev');
      const real = readFileSync(command, 'utf8');
      if (program !== undefined) writeFileSync(command, program);
      try {
        const folder = temporaryFolder();
        makeSimulatedHost(join(folder, 'host'), 'nvidia-m60');
        const hosts = [...(program === undefined ? ['good'] : []), 'hangs'].map(
          (name) => `<host name='${name}' uri='ssh://${name}/sim://${folder}/host'/>`,
        );
        writeFileSync(join(folder, 'fleet.xml'), `<fleet>${hosts.join('')}</fleet>`);
        const words = 'list --cap mdev_types --fleet fleet.xml --host-timeout 15'.split(' ');
        const { status, stdout, stderr } = spawnSync(process.execPath, [builtCommand, ...words], {
          cwd: folder,
          env: { ...process.env, VIRT_NODEDEV_SSH: sshd.ssh },
          encoding: 'utf8',
          timeout: 100_000,
        });
        expect(stderr).toContain("hangs: unknown: host 'hangs' did not answer within 15 s");
        expect([status, stdout.includes('pci_0000_86_00_0')]).toEqual([1, program === undefined]);
        await expect.poll(left, { timeout: 60_000 }).toBe('');
      } finally {
        writeFileSync(command, real);
        silent.close();
      }
    },
  );
});

it('a name that is not known', async () => {
  await expect(open('', 'no-such-host.invalid')).rejects.toMatchObject({
    code: 'ssh-failed',
    message: expect.stringContaining('Could not resolve hostname'),
    hint: expect.stringContaining('mistake in the name'),
  });
});

it('a port where nothing listens', async () => {
  await expect(open('', `${HOST}:1`)).rejects.toMatchObject({
    code: 'ssh-failed',
    message: expect.stringContaining('Connection refused'),
    hint: expect.stringContaining('does sshd run there'),
  });
});

it('a host key that is another', async () => {
  const other = join(sshd.folder, 'other-hosts');
  const [type, key] = execFileSync('cat', [join(sshd.folder, 'other-key.pub')], {
    encoding: 'utf8',
  }).split(' ');
  writeFileSync(other, `[${HOST}]:${sshd.port} ${type} ${key}\n`);
  sshd.configure('Host *', `  UserKnownHostsFile ${other}`);
  await expect(open()).rejects.toMatchObject({
    code: 'ssh-failed',
    message: expect.stringContaining('Host key verification failed'),
    hint: expect.stringContaining('compare the key'),
  });
});

it('a key that is not let in', async () => {
  sshd.configure(
    'Host *',
    `  IdentityFile ${join(sshd.folder, 'other-key')}`,
    '  IdentitiesOnly yes',
  );
  const key = join(sshd.folder, 'user-key');
  renameSync(key, `${key}.away`);
  try {
    await expect(open()).rejects.toMatchObject({
      code: 'ssh-failed',
      message: expect.stringContaining('Permission denied'),
      hint: expect.stringContaining('has to work by hand'),
    });
  } finally {
    renameSync(`${key}.away`, key);
  }
});

it.each([
  ['is not there', undefined, 'has no command virt-nodedev', 'install it there'],
  [
    'is too old',
    '#!/bin/sh\necho "error: unknown command: \'serve\'" >&2; exit 2\n',
    'cannot serve',
    'the same version',
  ],
  [
    'prints a greeting first',
    '#!/bin/sh\necho Welcome; sleep 1\n',
    "prints 'Welcome'",
    'start-up files',
  ],
  [
    'speaks another protocol',
    `#!/bin/sh\nread line; echo '{"jsonrpc":"2.0","id":0,"result":{"value":{"protocol":9,"version":"9.1"}}}'; read line\n`,
    'virt-nodedev 9.1 there protocol 9',
    'same version',
  ],
  ['ends at once', '#!/bin/sh\nexit 0\n', 'ended (exit code 0)', 'by hand'],
])('the command there %s', async (_, program, message, hint) => {
  const command = join(sshd.bin, 'virt-nodedev');
  renameSync(command, `${command}.away`);
  try {
    if (program !== undefined) {
      writeFileSync(command, program);
      chmodSync(command, 0o755);
    }
    await expect(open()).rejects.toMatchObject({
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  } finally {
    renameSync(`${command}.away`, command);
  }
});
