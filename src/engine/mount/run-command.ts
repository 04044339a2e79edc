import { type ChildProcess, spawn } from 'node:child_process';
import { close, open } from 'node:fs';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import {
  endNow,
  FILE_SYSTEM,
  MOUNT_OPTIONS,
  mountFailed,
  serve,
} from '../../host/fuse/mounting.ts';
import { sourceOf } from '../../host/fuse/mount-table.ts';
import type { SimulatedHost } from '../../host/simulated/host.ts';
import type { Context } from '../context.ts';
import type { CommandResult, RunOptions } from '../simulation-options.ts';
import { serviceFailed } from '../wording/mount-messages.ts';
import { checkOwnFolder, makeOwnFolder } from '../store/own-files.ts';
import { filesOf, rootOf } from './mount-host.ts';

/**
 * Runs in a mount namespace of its own, with this process at 3 and /dev/fuse open at 4 and 5: makes the host's devices,
 * buses and classes those of /sys, and its other folders those of the machine, then becomes the command. All else of /sys
 * stays the machine's. The host's own directory is where it is mounted first, because it is there for certain.
 *
 * A folder that is missing is made; where this user may not, its parent is laid anew in memory, with all that is in it.
 */
const SCRIPT = `
set -e
host=$1 type=$2 options=$3 source=$4
shift 4
cover() {
  parent=$(dirname "$1")
  exec 6<"$parent"
  mount -t tmpfs -o mode=755 tmpfs "$parent"
  for old in /proc/self/fd/6/* /proc/self/fd/6/.[!.]*; do
    new=$parent/\${old##*/}
    if [ -L "$old" ]; then cp -P "$old" "$new"
    elif [ -d "$old" ]; then mkdir "$new" && mount -c --rbind "$old" "$new"
    elif [ -e "$old" ]; then : >"$new" && mount -c --bind "$old" "$new"
    fi
  done
  exec 6<&-
  mkdir "$1"
}
folder() { [ -d "$1" ] || mkdir -p "$1" 2>/dev/null || cover "$1"; }
for path in run/virt-nodedev var/lib/virt-nodedev etc/mdevctl.d; do
  folder "/$path"
  mount --bind "$host/$path" "/$path"
done
mount --bind "$host/proc/sys/kernel/random/boot_id" /proc/sys/kernel/random/boot_id
folder /dev/vfio
mount -i -t "$type" -o "fd=5,$options" "$source" /dev/vfio
mount -i -t "$type" -o "fd=4,$options" "$source" "$host"
for path in devices bus class kernel/iommu_groups; do
  mount --bind "$host/$path" "/sys/$path"
done
umount "$host"
echo ready >&3
read -r _ <&3
exec "$@" 3<&- 4<&- 5<&-
`;

/** What the script needs of a host. Without the last two, mdevctl 1.2 does nothing at all. */
const OWN_FOLDERS = [
  'run/virt-nodedev',
  'var/lib/virt-nodedev',
  'etc/mdevctl.d',
  'etc/mdevctl.d/scripts.d/callouts',
  'etc/mdevctl.d/scripts.d/notifiers',
];

const openAsync = promisify(open);
const closeAsync = promisify(close);

/** Runs a command to which a simulated host is this machine, and serves its files as long as it runs. */
export async function runCommand(
  context: Context,
  host: SimulatedHost,
  command: readonly string[],
  { signal, onStart, env = process.env, cwd }: RunOptions = {},
): Promise<CommandResult> {
  signal?.throwIfAborted();
  const root = rootOf(host);
  for (const folder of OWN_FOLDERS) {
    if (!checkOwnFolder(root, folder)) makeOwnFolder(join(root, folder), 0o755);
  }
  const files = filesOf(context, host);
  const failed = (error: unknown): void => {
    context.report(serviceFailed(error));
  };
  const sys = serve(files.sys, failed);
  const vfio = serve(files.vfio, failed);
  const child = spawn(
    'unshare',
    ['--mount', '--', 'sh', '-c', SCRIPT, 'virt-nodedev', root, FILE_SYSTEM, MOUNT_OPTIONS]
      .concat(sourceOf(root))
      .concat(command),
    {
      cwd,
      // libudev asks whether /sys is a kernel's file system, unless it is told not to.
      env: { ...env, SYSTEMD_DEVICE_VERIFY_SYSFS: '0' },
      stdio: ['inherit', 'inherit', 'inherit', 'pipe', sys.descriptor, vfio.descriptor],
    },
  );
  const result = resultOf(child);
  const kept: number[] = [];
  try {
    const isReady = await readyOf(child);
    if (isReady) {
      // Keeps both file systems there, so that they can be asked something at the end.
      for (const path of ['/sys/class', '/dev/vfio']) {
        kept.push(await openAsync(`/proc/${child.pid}/root${path}`, 'r'));
      }
      onStart?.(child.pid ?? 0);
      signal?.addEventListener('abort', () => child.kill(), { once: true });
      channelOf(child)?.end('go\n');
    }
    const ended = await result;
    if (!isReady) {
      throw mountFailed(`cannot make a namespace for the command: ${describe(ended)}`);
    }
    return ended;
  } finally {
    // What the command left running has no host any more.
    for (const [index, { session, ended }] of [sys, vfio].entries()) {
      const descriptor = kept[index];
      if (descriptor === undefined) session.endAfterNext();
      else {
        await endNow(session, `/proc/self/fd/${descriptor}`);
        await ended.catch(failed);
        await closeAsync(descriptor);
      }
    }
  }
}

const describe = ({ exitCode, signal }: CommandResult): string =>
  signal === undefined ? `unshare or mount ended with ${exitCode ?? 0}` : `ended by ${signal}`;

function resultOf(child: ChildProcess): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(mountFailed(`cannot run unshare: ${error.message}`)));
    child.on('exit', (code, signal) => {
      resolve({ exitCode: code ?? undefined, signal: signal ?? undefined });
    });
  });
}

const channelOf = (child: ChildProcess): Duplex | undefined => {
  const channel = child.stdio[3];
  return channel instanceof Duplex ? channel : undefined;
};

/** Whether the command is about to begin; false: it ended before, and has said why. */
function readyOf(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const channel = channelOf(child);
    channel?.once('data', () => resolve(true));
    channel?.once('close', () => resolve(false));
    channel?.on('error', () => resolve(false));
    child.once('error', () => resolve(false));
  });
}
