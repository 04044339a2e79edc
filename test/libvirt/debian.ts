import { execFileSync } from 'node:child_process';

/** The root folder of the Debian release under test; `run.sh` prepares it. */
export function debianRoot(): string {
  const root = process.env['VIRT_NODEDEV_DEBIAN'];
  if (root === undefined) throw new Error('VIRT_NODEDEV_DEBIAN is not set: start this with run.sh');
  return root;
}

/** Runs a program of that release; returns what it prints, throws with what it complains of when it fails. */
export function debian(program: string, ...parameters: readonly string[]): string {
  const inside = 'mount -t proc proc /proc; exec "$@"';
  const command = [
    '--mount',
    'chroot',
    debianRoot(),
    'sh',
    '-c',
    inside,
    'sh',
    program,
    ...parameters,
  ];
  return execFileSync('unshare', command, { encoding: 'utf8', stdio: 'pipe' });
}
