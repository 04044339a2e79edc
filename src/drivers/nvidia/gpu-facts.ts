import type { Gpu, HostFacts } from '../host-facts.ts';
import { isParent } from '../host-facts.ts';

/** The virtual functions of a GPU that are on, as paths of their links, in order. */
export const functionsOn = (host: HostFacts, { path }: Pick<Gpu, 'path'>): readonly string[] =>
  host
    .names(path)
    .filter((name) => /^virtfn\d+$/.test(name))
    .toSorted((one, other) => Number(one.slice(6)) - Number(other.slice(6)))
    .map((name) => `${path}/${name}`);

/**
 * How a GPU gives vGPUs, by its files and never by its board: NVIDIA's driver takes functions with a type from Linux 6.8 on for
 * every board with SR-IOV, Ampere too, and mediated devices before. Undefined: it gives none now.
 */
export function frameworkOf(host: HostFacts, gpu: Gpu): 'functions' | 'mediated' | undefined {
  const functions = functionsOn(host, gpu);
  if (functions.some((path) => host.exists(`${path}/nvidia/current_vgpu_type`))) return 'functions';
  const isMediated =
    isParent(host, gpu.address) || functions.some((path) => isParent(host, host.link(path) ?? ''));
  return isMediated ? 'mediated' : undefined;
}

/** The release of NVIDIA's driver: the module's own file, else the line of its /proc. */
export function driverRelease(host: HostFacts): string | undefined {
  const text =
    host.read('/sys/module/nvidia/version') ?? host.read('/proc/driver/nvidia/version') ?? '';
  return /\b\d{3}\.\d{1,3}(?:\.\d{1,3})?\b/.exec(text)?.[0];
}

export const kernelRelease = (host: HostFacts): string | undefined =>
  /^\d+\.\d+[\w.+~-]{0,60}$/.exec(host.read('/proc/sys/kernel/osrelease')?.trim() ?? '')?.[0];

/** The board's name, as the driver has it; else its PCI id. */
export function boardOf(host: HostFacts, { address, path }: Gpu): string {
  const text = host.read(`/proc/driver/nvidia/gpus/${address}/information`) ?? '';
  const model = /^Model:\s*(\w[\w .()/-]{0,60})$/m.exec(text)?.[1];
  return model?.trim() ?? `PCI id ${host.read(`${path}/device`) ?? 'unknown'}`;
}

/** So many processes are looked at, and named. */
const MOST_PROCESSES = 20_000;
const MOST_NAMED = 3;

/**
 * The processes that have a node of /dev open, as words: `nv-hostengine (812)`. Only root sees those of all users; what this user
 * must not see is left out.
 */
export function holdersOf(host: HostFacts, node: RegExp): readonly string[] {
  const found: string[] = [];
  for (const pid of host
    .names('/proc')
    .filter((name) => /^\d{1,8}$/.test(name))
    .slice(0, MOST_PROCESSES)) {
    const folder = `/proc/${pid}/fd`;
    if (!host.names(folder).some((fd) => node.test(host.link(`${folder}/${fd}`) ?? ''))) continue;
    const name =
      /^[\w.:/+ -]{1,16}$/.exec(host.read(`/proc/${pid}/comm`) ?? '')?.[0] ?? 'one without a name';
    found.push(`${name} (${pid})`);
    if (found.length === MOST_NAMED) break;
  }
  return found;
}
