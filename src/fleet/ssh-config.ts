import type { Issue, Location } from '../errors.ts';
import { MOST_HOSTS } from './ansible-hosts.ts';
import type { Fleet, FleetHost } from './fleet.ts';
import { includeLeft, nameRefused, tooManyHosts } from './messages.ts';

/**
 * Reads ssh's configuration (ssh_config(5)): each name of `Host` without a pattern is a host. How it is reached stays ssh's business, which
 * reads the same file.
 *
 * @throws NodedevError `fleet-invalid`
 */
export function parseSshConfig(text: string, file?: string): Fleet {
  const hosts = new Map<string, FleetHost>();
  const warnings: Issue[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const location: Location = { file, line: index + 1, column: 1 };
    const [, keyword = '', rest = ''] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/u.exec(line) ?? [];
    const words = [...rest.matchAll(/"([^"]*)"|([^\s"]+)/gu)].map(
      ([, quoted, word]) => quoted ?? word ?? '',
    );
    const comment = words.findIndex((word) => word.startsWith('#'));
    const given = comment < 0 ? words : words.slice(0, comment);
    if (keyword.toLowerCase() === 'include')
      warnings.push(...given.map((each) => includeLeft(each, location)));
    if (keyword.toLowerCase() !== 'host') continue;
    for (const name of given.filter((word) => !/[*?!]/u.test(word))) {
      if (!/^[A-Za-z0-9][\w.-]*$/u.test(name)) throw nameRefused(name, location);
      hosts.set(name, { name, uri: `ssh://${name}/`, labels: [] });
    }
    if (hosts.size > MOST_HOSTS) throw tooManyHosts(MOST_HOSTS, location);
  }
  return { hosts: [...hosts.values()], warnings };
}
