import { NodedevError } from '../../errors.ts';
import type { Issue } from '../../errors.ts';
import { isSimulated } from '../../host/simulated/host.ts';
import { driverFile, readTrustedDriver } from '../../host/simulated/driver-files.ts';
import type { ExaminedHost } from './examined-host.ts';
import { finding } from './findings.ts';

/** Of a simulated host whose profile brought drivers: that they were not run, and whether others can have written them. */
export function checkDrivers({ host }: Pick<ExaminedHost, 'host'>): readonly Issue[] {
  const { root } = host;
  if (root === undefined || !isSimulated(host)) return [];
  return host.notLoaded().flatMap((module) => {
    const path = driverFile(root, module);
    return [
      finding(
        'doctor-driver-not-run',
        `${path} is not run here: what its rules say of devices, definitions and room was not looked at`,
        { hint: 'other commands run it, when nobody else can have written it' },
      ),
      ...problemOf(path),
    ];
  });
}

function problemOf(path: string): readonly Issue[] {
  try {
    readTrustedDriver(path);
    return [];
  } catch (error) {
    if (error instanceof NodedevError) {
      return [finding('doctor-driver-unsafe', error.message, { hint: error.hint })];
    }
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return [finding('doctor-driver-unsafe', `${path} cannot be read: ${why}`, {})];
  }
}
