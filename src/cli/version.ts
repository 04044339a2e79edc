import { readFileSync } from 'node:fs';

/** The package's version. Source and bundle are both two folders below `package.json`. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return /"version": "([^"]+)"/u.exec(text)?.[1] ?? 'unknown';
}

/** The version, and with what it works: Node, connections, drivers, profiles. virsh -V says as much of libvirt. */
export async function longVersion(): Promise<string> {
  const { drivers } = await import('../drivers/registry.ts');
  const { sampleProfiles } = await import('../host/simulated/samples.ts');
  const lines = [
    `virt-nodedev ${version()}`,
    `Node.js ${process.version}, ${process.platform} ${process.arch}`,
    'Connections: sysfs sim ssh test',
    `Drivers: ${drivers.map(({ name }) => name).join(' ')}`,
    `Profiles: ${sampleProfiles().join(' ')}`,
  ];
  return `${lines.join('\n')}\n`;
}
