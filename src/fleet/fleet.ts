import type { Issue } from '../errors.ts';

/** A host that is managed together with others. */
export interface FleetHost {
  /** Unique in its fleet. */
  readonly name: string;
  /** What `connect` takes: `ssh://gpu1/`. */
  readonly uri: string;
  /** Words by which it is chosen, such as a rack or a board; in an Ansible inventory its groups. Sorted. */
  readonly labels: readonly string[];
}

/** Hosts as a file lists them, in its order. */
export interface Fleet {
  readonly hosts: readonly FleetHost[];
  /** What of the file is left out. */
  readonly warnings: readonly Issue[];
}

/** What a host must be: called so, or with all these labels. */
export interface HostChoice {
  readonly name?: string | undefined;
  readonly labels: readonly string[];
}

/** Whether a host is one of those that are meant. */
export const isChosen = (host: FleetHost, { name, labels }: HostChoice): boolean =>
  (name === undefined || host.name === name) &&
  labels.every((label) => host.labels.includes(label));

/** The hosts that have one of these names or labels, in their order, and the words that none has. */
export function chooseHosts<T extends Pick<FleetHost, 'name' | 'labels'>>(
  hosts: readonly T[],
  words: readonly string[],
): { readonly chosen: readonly T[]; readonly unknown: readonly string[] } {
  const has = (host: T, word: string): boolean => host.name === word || host.labels.includes(word);
  return {
    chosen: hosts.filter((host) => words.length === 0 || words.some((word) => has(host, word))),
    unknown: words.filter((word) => !hosts.some((host) => has(host, word))),
  };
}
