import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** An sshd on loopback that lets one user in, and what its client needs. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** Keys, configurations and the user's home. */
  readonly folder: string;
  /** A program that is ssh with a configuration of its own. */
  readonly ssh: string;
  /** The words of a line of the client's configuration that come first. */
  readonly configure: (...lines: readonly string[]) => void;
  /** Where commands over ssh find programs. */
  readonly bin: string;
}

const USER = 'tester';

/** @param root where run.sh has unpacked the package */
export async function startSshd(root: string): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-sshd-'));
  const at = (name: string): string => join(folder, name);
  const write = (name: string, lines: readonly string[], mode = 0o644): string => {
    writeFileSync(at(name), `${lines.join('\n')}\n`);
    chmodSync(at(name), mode);
    return at(name);
  };
  for (const name of ['home', 'bin']) mkdirSync(at(name));
  for (const key of ['host-key', 'user-key', 'other-key']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', at(key)]);
  }
  const port = await freePort();
  const node = dirname(process.execPath);
  const command = resolve('dist/cli/bin.js');
  write('bin/virt-nodedev', ['#!/bin/sh', `exec '${process.execPath}' '${command}' "$@"`], 0o755);
  execFileSync('cp', [at('user-key.pub'), at('authorized_keys')]);
  // The machine's accounts are not touched: sshd sees these.
  const passwd = write('passwd', [
    'root:x:0:0:root:/root:/bin/sh',
    'sshd:x:101:65534::/run/sshd:/usr/sbin/nologin',
    `${USER}:x:0:0::${at('home')}:/bin/sh`,
  ]);
  const shadow = write('shadow', ['root:*:1::::::', `${USER}:*:1::::::`], 0o600);
  const config = write('sshd_config', [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host-key')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'StrictModes no',
    'UsePAM no',
    'MaxStartups 100',
    `PidFile ${at('pid')}`,
    `SetEnv PATH=${at('bin')}:${node}:/usr/bin:/bin`,
  ]);
  const libraries = ['usr/lib', 'lib'].map((each) =>
    join(root, each, process.arch === 'x64' ? 'x86_64-linux-gnu' : 'aarch64-linux-gnu'),
  );
  const script =
    'mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/shadow && mount -t tmpfs -o mode=755 run /run && ' +
    'mkdir -m 755 /run/sshd && exec "$3" -D -e -f "$4"';
  const words = [script, 'sh', passwd, shadow, join(root, 'usr/sbin/sshd'), config];
  const server = spawn('unshare', ['--mount', 'sh', '-c', ...words], {
    env: { LD_LIBRARY_PATH: libraries.join(':'), PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const exit = once(server, 'exit');
  await untilItListens(port, () => {
    if (server.exitCode !== null) throw new Error(`sshd has ended: ${log}`);
  });
  execFileSync('sh', [
    '-c',
    `printf '[127.0.0.1]:%s %s\\n' ${port} "$(cut -d' ' -f1,2 '${at('host-key.pub')}')" >'${at('known_hosts')}'`,
  ]);
  const configure = (...lines: readonly string[]): void => {
    write('config', [
      ...lines,
      'Host *',
      `  Port ${port}`,
      `  User ${USER}`,
      `  IdentityFile ${at('user-key')}`,
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${at('known_hosts')}`,
      '  GlobalKnownHostsFile /dev/null',
      '  BatchMode yes',
    ]);
  };
  configure();
  const ssh = write('ssh', ['#!/bin/sh', `exec ssh -F '${at('config')}' "$@"`], 0o755);
  return {
    port,
    folder,
    ssh,
    configure,
    bin: at('bin'),
    [Symbol.asyncDispose]: async () => {
      server.kill();
      await exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  server.close();
  await once(server, 'close');
  return address.port;
}

async function untilItListens(port: number, check: () => void): Promise<void> {
  for (;;) {
    check();
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}
