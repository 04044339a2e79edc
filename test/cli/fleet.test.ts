import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { connect, NodedevError } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { builtCommand } from './built-command.ts';
import { run, type RunResult } from './run.ts';

const fleet = (...hosts: readonly string[]): string => `<fleet>${hosts.join('')}</fleet>`;
const host = (name: string, uri: string, ...labels: readonly string[]): string =>
  `<host name='${name}' uri='${uri}'>${labels.map((each) => `<label>${each}</label>`).join('')}</host>`;

let folder: string;
const fleetRun = (line: string, errorTerminal?: { columns: number }): Promise<RunResult> =>
  run(line.split(' '), {
    cwd: folder,
    ...(errorTerminal && { errorTerminal }),
    connect: async (uri, options) => {
      if (uri === 'lost:x') throw new NodedevError('connection-closed', 'it is gone\u001b[2J');
      if (uri === 'silent:x') return new Promise<never>(() => undefined);
      return connect(uri, options);
    },
  });

beforeEach(() => {
  folder = temporaryFolder();
  writeFileSync(
    join(folder, 'fleet.xml'),
    fleet(
      host('m60', 'test:///nvidia-m60', 'nvidia', 'old'),
      host('gone', 'test:///none', 'old'),
      host('a40', 'test:///nvidia-a40', 'nvidia'),
      host('silent', 'silent:x'),
    ),
  );
});

describe('a command on many hosts', () => {
  it('tells each under its name, and which are unknown; exit code 1', async () => {
    const { code, stdout, stderr } = await fleetRun(
      'list --cap mdev_types --fleet fleet.xml --host old',
    );
    expect(code).toBe(1);
    expect(stdout).toBe('== m60 ==\npci_0000_86_00_0\npci_0000_87_00_0\n\n');
    expect(stderr).toMatch(/^gone: unknown: .*none/u);
    expect(stderr).toMatch(/\n2 hosts: 1 answered, 1 unknown\n$/u);
  });

  it('a host that never answers is given up', async () => {
    const { code, stdout, stderr } = await fleetRun(
      'topology --fleet fleet.xml --host silent --host a40 --host-timeout 1',
    );
    expect(code).toBe(1);
    expect(stdout).toContain('== a40 ==');
    expect(stderr).toContain("silent: unknown: host 'silent' did not answer within 1 s");
  });

  it('ends with the last deadline, and ssh that hangs with it', async () => {
    const began = '{"jsonrpc":"2.0","id":0,"result":{"value":{"protocol":1,"version":"0"}}}';
    const ssh = join(folder, 'ssh');
    writeFileSync(
      ssh,
      `#!/bin/sh\necho $$ >>pids\ncase "$*" in *mute*) read line; echo '${began}';; esac\nexec sleep 3600\n`,
      { mode: 0o755 },
    );
    writeFileSync(join(folder, 'hosts'), 'silent\nmute\n');
    const command = spawn(
      process.execPath,
      [builtCommand, 'list', '--fleet', 'hosts', '--host-timeout', '1'],
      { cwd: folder, env: { ...process.env, VIRT_NODEDEV_SSH: ssh }, stdio: 'ignore' },
    );
    const [code]: unknown[] = await once(command, 'exit');
    expect(code).toBe(1);
    const pids = readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n');
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(false);
  });

  it('one host with two names is not counted twice', async () => {
    const hosts = [
      host('a', 'ssh://gpu1'),
      host('b', 'ssh://root@gpu1/'),
      host('c', 'ssh://gpu2/'),
    ];
    writeFileSync(join(folder, 'twice.xml'), fleet(...hosts));
    const { code, stderr } = await fleetRun('place x --fleet twice.xml');
    expect([code, stderr]).toEqual([1, expect.stringContaining("'a' and 'b' are one host")]);
    expect((await fleetRun('list --fleet twice.xml --host b --host c')).stderr).toContain(
      '2 unknown',
    );
  });

  it('has what each host answers as JSON, with its own schema', async () => {
    const { code, stdout } = await fleetRun('types --json --fleet fleet.xml --host nvidia');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'fleet/1',
      hosts: [
        {
          name: 'm60',
          labels: ['nvidia', 'old'],
          state: 'answered',
          exitCode: 0,
          answer: { schema: 'types/1' },
        },
        { name: 'a40', state: 'answered', answer: { types: expect.anything() } },
      ],
    });
  });

  it('the exit code is the highest one when all are reached', async () => {
    const one = await fleetRun('-c test:///nvidia-m60 doctor');
    const many = await fleetRun('doctor --fleet fleet.xml --host nvidia');
    expect(many.code).toBe(one.code);
  });

  it('metrics have the host as a label, and say which is unknown', async () => {
    const { stdout } = await fleetRun('metrics --fleet fleet.xml --host old --host a40');
    expect(stdout).toContain('virt_nodedev_host_reached{host="gone"} 0');
    expect(stdout).toContain('virt_nodedev_host_reached{host="m60"} 1');
    expect(stdout).toMatch(/virt_nodedev_info\{host="a40",version=/u);
    expect(stdout.match(/^# TYPE virt_nodedev_info /gmu)).toHaveLength(1);
  });

  it('shows a bar on a terminal', async () => {
    const { stderr } = await fleetRun('list --fleet fleet.xml --host nvidia', { columns: 20 });
    expect(stderr).toContain(' 2/2');
  });

  it('what a host says commands no terminal', async () => {
    writeFileSync(join(folder, 'x'), 'lost virt_nodedev_uri=lost:x');
    const { stderr } = await fleetRun('list --fleet x');
    expect(stderr).toContain('lost: unknown: it is gone');
    expect(stderr).not.toContain('\u001b');
  });

  it('a folder stands for all fleets in it', async () => {
    writeFileSync(join(folder, 'more.xml'), fleet(host('b', 'test:///nvidia-a40')));
    expect((await fleetRun('list --fleet . --host b')).stdout).toContain('== b ==');
    writeFileSync(join(folder, 'more.xml'), fleet(host('a40', 'test:///nvidia-a40')));
    expect((await fleetRun('list --fleet .')).stderr).toContain("two hosts are called 'a40'");
  });

  it.each([
    ['list --fleet fleet.xml --host m6', 2, 'did you mean m60?'],
    ['list --host m60', 2, 'requires --fleet'],
    ['-c test:///default list --fleet fleet.xml', 2, 'mutually exclusive'],
    ['list --fleet none.xml', 1, 'none.xml'],
    ['info --fleet fleet.xml x', 2, "doesn't support option --fleet"],
    ['list --tree --json --fleet fleet.xml --host m60', 2, 'incompatible'],
  ])('%s', async (line, code, text) => {
    const result = await fleetRun(line);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(text);
  });
});
