import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodedevError } from '../../errors.ts';
import { packageRoot } from '../package-root.ts';

/** The names of this package's host profiles, sorted. */
export function sampleProfiles(): readonly string[] {
  return readdirSync(samplesFolder())
    .filter((name) => name.endsWith('.xml'))
    .map((name) => name.slice(0, -'.xml'.length))
    .toSorted();
}

/** The text of one of this package's host profiles. Throws NodedevError `profile-invalid` for another name. */
export function readSampleProfile(name: string): string {
  const names = sampleProfiles();
  if (!names.includes(name)) {
    throw new NodedevError('profile-invalid', `There is no host profile '${name}'`, {
      hint: `Profiles: ${names.join(', ')}.`,
    });
  }
  return readFileSync(join(samplesFolder(), `${name}.xml`), 'utf8');
}

function samplesFolder(): string {
  return join(packageRoot(), 'samples', 'hosts');
}
