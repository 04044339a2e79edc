import { readFileSync } from 'node:fs';

/** The version, and with what it works. */
export interface VersionFacts {
  readonly version: string;
  /** As `process.version`: `v20.19.0`. */
  readonly node: string;
  readonly platform: string;
  readonly architecture: string;
  /** Schemes of URIs. */
  readonly connections: readonly string[];
  readonly drivers: readonly string[];
  readonly profiles: readonly string[];
}

/** The package's version. Source and bundle are both two folders below `package.json`. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return /"version": "([^"]+)"/u.exec(text)?.[1] ?? 'unknown';
}

export async function versionFacts(): Promise<VersionFacts> {
  const { drivers } = await import('../drivers/registry.ts');
  const { sampleProfiles } = await import('../host/simulated/samples.ts');
  return {
    version: version(),
    node: process.version,
    platform: process.platform,
    architecture: process.arch,
    connections: ['sysfs', 'sim', 'ssh', 'test', 'libvirt'],
    drivers: drivers.map(({ name }) => name),
    profiles: sampleProfiles(),
  };
}

/** All of it. virsh -V says as much of libvirt. */
export function longVersion(facts: VersionFacts): string {
  const lines = [
    `virt-nodedev ${facts.version}`,
    `Node.js ${facts.node}, ${facts.platform} ${facts.architecture}`,
    `Connections: ${facts.connections.join(' ')}`,
    `Drivers: ${facts.drivers.join(' ')}`,
    `Profiles: ${facts.profiles.join(' ')}`,
  ];
  return `${lines.join('\n')}\n`;
}
