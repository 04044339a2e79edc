import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ConnectOptions } from '../engine/open.ts';
import type { NodedevError } from '../errors.ts';
import type { Connection } from '../plan/connection.ts';
import { connectOver } from './connect-over.ts';
import { sshEnded, sshNotStarted } from './ssh-messages.ts';
import { parseSshUri, type SshTarget } from './ssh-uri.ts';
import type { Peer } from './peer.ts';

/** Of what ssh and the server say on standard error, the last so many characters are kept. */
const KEPT = 8192;
/** A server may have a change to bring to its end; then it is left to its journal. */
const END_MS = 300_000;

/** @throws NodedevError */
export async function connectSsh(uri: string, options: ConnectOptions = {}): Promise<Connection> {
  const target = parseSshUri(uri);
  return connectOver(startSsh(target, options.ssh), uri, target.uri, options);
}

/** ssh's arguments. The words for the other machine are fixed: a shell there reads them. */
export const sshArguments = ({ user, host, port }: SshTarget): readonly string[] => [
  '-T',
  '-e',
  'none',
  ...(user === undefined ? [] : ['-l', user]),
  ...(port === undefined ? [] : ['-p', String(port)]),
  '--',
  host,
  'virt-nodedev serve --stdio',
];

/** Starts ssh without a shell. Questions that it has, it asks at the terminal. */
function startSsh(target: SshTarget, program = 'ssh'): Peer {
  const ssh = spawn(program, sshArguments(target), { stdio: ['pipe', 'pipe', 'pipe'] });
  const { stdin, stdout, stderr } = ssh;
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT);
  });
  const ended = whyEnded(ssh, target, program, () => said);
  return {
    input: stdout,
    output: stdin,
    ended,
    end: async () => {
      const limit = setTimeout(() => ssh.kill('SIGKILL'), END_MS);
      stdin.end();
      await ended;
      clearTimeout(limit);
    },
    kill: (isOpen = false) => {
      // What ssh connects through (ProxyCommand, ProxyJump) hangs with it. Later it ends with its input; a kept connection (ControlPersist) stays.
      const through = isOpen ? [] : startedBy(ssh.pid);
      ssh.kill('SIGKILL');
      for (const pid of through) killIfThere(pid);
    },
  };
}

/** The processes that one has started, where the kernel tells them. */
function startedBy(pid: number | undefined): readonly number[] {
  try {
    const children =
      readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').match(/\d+/gu) ?? [];
    return children.map(Number).flatMap((child) => [child, ...startedBy(child)]);
  } catch {
    // It has ended, or this is no Linux.
    return [];
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

async function whyEnded(
  ssh: ChildProcess,
  target: SshTarget,
  program: string,
  said: () => string,
): Promise<NodedevError> {
  const exit = new Promise<NodedevError | undefined>((resolve) => {
    ssh.once('error', (error) => resolve(sshNotStarted(program, error)));
    ssh.once('exit', () => resolve(undefined));
  });
  const failed = await exit;
  if (failed !== undefined) return failed;
  // A connection that ssh keeps for others (ControlPersist) has its standard error, and never closes it.
  const { stderr } = ssh;
  if (stderr?.closed === false) {
    await once(stderr, 'close', { signal: AbortSignal.timeout(500) }).catch(() => undefined);
    stderr.destroy();
  }
  return sshEnded(target, { code: ssh.exitCode, signal: ssh.signalCode, said: said() });
}
