import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Folder of an optional test corpus (libvirt's own test files, kernel captures), or undefined when this machine
 * has none. `VIRT_NODEDEV_CORPUS` names the folder that holds the corpora; the default is beside the checkout.
 * Prints why when it is absent, so that a skipped suite is never silent.
 */
export function corpus(name: string): string | undefined {
  const base = process.env['VIRT_NODEDEV_CORPUS'] ?? resolve('../shared/corpus');
  const folder = join(base, name);
  if (existsSync(folder)) return folder;
  process.stdout.write(`skipped: corpus ${name} is not on this machine (looked in ${base})\n`);
  return undefined;
}
