import { HostError } from '../host.ts';
import type { Tree } from '../tree.ts';
import { namesIfAny } from './values.ts';

/** The folder of libvirt's running domains, with one NAME.xml each. */
const RUNNING = '/run/libvirt/qemu';

/**
 * The names of libvirt's running domains by the process id of their QEMU, which is in the root element of a state file
 * (`<domstatus state='running' pid='1234'>`; src/conf/domain_conf.c). What cannot be read is left out.
 */
export function runningDomains(tree: Tree): ReadonlyMap<number, string> {
  const domains = new Map<number, string>();
  for (const name of namesIfAny(tree, RUNNING).filter((entry) => entry.endsWith('.xml'))) {
    const pid = pidOf(tree, `${RUNNING}/${name}`);
    if (pid !== undefined) domains.set(pid, name.slice(0, -'.xml'.length));
  }
  return domains;
}

function pidOf(tree: Tree, path: string): number | undefined {
  try {
    const pid = /<domstatus\b[^>]*\spid=(['"])(\d+)\1/.exec(tree.read(path))?.[2];
    return pid === undefined ? undefined : Number(pid);
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}
