import { NodedevError } from '../errors.ts';
import type { SshTarget } from './ssh-uri.ts';

/** How ssh's client ended. */
interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of what came on its standard error. */
  readonly said: string;
}

export function sshNotStarted(program: string, cause: NodeJS.ErrnoException): NodedevError {
  const message = `cannot start ${program}: ${cause.code ?? cause.message}`;
  const hint =
    "OpenSSH's client has to be installed, or named by VIRT_NODEDEV_SSH or `ssh` of connect";
  return new NodedevError('ssh-failed', message, { hint, cause });
}

/** By what ssh says (messages of OpenSSH), what to do. */
const HINTS: readonly (readonly [said: RegExp, hint: (name: string) => string])[] = [
  [
    /host key verification failed|host identification has changed/iu,
    (name) => `compare the key of ${name} with what it should be, then run ssh once by hand`,
  ],
  [
    /permission denied|no such identity|too many authentication failures/iu,
    (name) =>
      `ssh ${name} has to work by hand first: ssh-copy-id, ssh-agent, or IdentityFile in ~/.ssh/config`,
  ],
  [/could not resolve hostname/iu, () => 'look for a mistake in the name, or give the address'],
  [
    /connection (?:refused|timed out|reset)|no route to host|network is unreachable/iu,
    (name) => `is ${name} on, does sshd run there, and is the port right?`,
  ],
  [
    /bad configuration|bad owner or permissions/iu,
    () => "look at ssh's configuration: ssh -G HOST",
  ],
];

/** Why there is no server (any more), by how ssh ended: 255 is an error of its own, all others are those of the command there. */
export function sshEnded({ user, host }: SshTarget, { code, signal, said }: Ended): NodedevError {
  const name = user === undefined ? host : `${user}@${host}`;
  const lines = said.split(/\r?\n/u).filter((line) => line.trim() !== '');
  const words = lines.slice(-4).join('; ');
  const failed = (message: string, hint: string): NodedevError =>
    new NodedevError('ssh-failed', words === '' ? message : `${message}: ${words}`, { hint });
  if (code === 255) {
    const hint = HINTS.find(([pattern]) => pattern.test(said))?.[1](name);
    return failed(
      `ssh to ${name} failed`,
      hint ?? `try it by hand: ssh ${name} virt-nodedev --version`,
    );
  }
  if (code === 127 || code === 126) {
    return failed(
      `${name} has no command virt-nodedev`,
      `install it there, where commands over ssh find it: ssh ${name} virt-nodedev --version has to work`,
    );
  }
  if (code === 2 && /serve/u.test(said)) {
    return failed(
      `the virt-nodedev on ${name} cannot serve`,
      'install the same version of virt-nodedev on both machines',
    );
  }
  const how = signal === null ? `exit code ${code ?? 'unknown'}` : signal;
  return failed(
    `virt-nodedev on ${name} ended (${how})`,
    'what it says there tells more: run it by hand',
  );
}
