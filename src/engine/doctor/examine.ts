import type { Issue } from '../../errors.ts';
import { HostError } from '../../host/host.ts';
import type { Context } from '../context.ts';
import { checkAutostart, checkDefinitions } from './definitions.ts';
import {
  checkFrameworks,
  checkLibvirt,
  checkReadable,
  checkSupport,
  checkTypes,
  unreadable,
} from './hardware.ts';
import { checkDomains } from './domains.ts';
import { checkOwnership } from './ownership.ts';
import {
  checkBoot,
  checkDevices,
  checkDomainUuids,
  checkFunctions,
  checkResources,
  checkTypesAgain,
} from './startable.ts';
import { checkReadOnly } from './read-only.ts';
import { checkDrivers } from './own-drivers.ts';
import { checkMounts } from './mounts.ts';
import { type ExaminedHost, readPatient } from './examined-host.ts';

/** The checks in a useful order: are there parents, are things readable, who owns what, is it there after a boot. */
const CHECKS: readonly ((examined: ExaminedHost) => readonly Issue[])[] = [
  checkSupport,
  checkFrameworks,
  checkReadable,
  checkTypes,
  checkLibvirt,
  ({ left }) => left,
  checkOwnership,
  checkDomains,
  checkDomainUuids,
  ({ records }) => records.domains,
  checkFunctions,
  checkDevices,
  checkDefinitions,
  checkResources,
  checkTypesAgain,
  checkBoot,
  checkAutostart,
  (examined) => checkReadOnly(examined),
  checkMounts,
  checkDrivers,
];

/** All findings about a host; `findings.ts` has their sentences. Nothing is changed. */
export async function examine(context: Context): Promise<readonly Issue[]> {
  const examined = await readPatient(context);
  return CHECKS.flatMap((check) => {
    try {
      return check(examined);
    } catch (error) {
      if (error instanceof HostError) return [unreadable(error)];
      throw error;
    }
  });
}
