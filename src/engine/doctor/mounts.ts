import type { Issue } from '../../errors.ts';
import { mountedFolders } from '../../host/fuse/mount-table.ts';
import { HostError } from '../../host/host.ts';
import { isSimulated } from '../../host/simulated/host.ts';
import { deadMount, unanswered } from '../wording/mount-messages.ts';
import type { ExaminedHost } from './examined-host.ts';

/** Of a simulated host: folders where it is mounted and nobody serves it, and what was written beside its kernel. */
export function checkMounts({ host }: Pick<ExaminedHost, 'host'>): readonly Issue[] {
  if (!isSimulated(host) || host.root === undefined) return [];
  const dead = mountedFolders().filter(({ root, isDead }) => isDead && root === host.root);
  return [
    ...dead.map(({ mountpoint }) => deadMount(mountpoint)),
    ...writesTo(() => host.unanswered()).map((path) => unanswered(host.root, path)),
  ];
}

/** What cannot be read is a finding of its own. */
function writesTo(look: () => readonly string[]): readonly string[] {
  try {
    return look();
  } catch (error) {
    if (error instanceof HostError) return [];
    throw error;
  }
}
