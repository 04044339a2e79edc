import type { Issue } from '../../errors.ts';
import { HostError } from '../../host/host.ts';
import type { Context } from '../context.ts';
import { checkAutostart, checkDefinitions } from './definitions.ts';
import { checkLibvirt, checkReadable, checkSupport, checkTypes, unreadable } from './hardware.ts';
import { checkDomains } from './domains.ts';
import { checkOwnership } from './ownership.ts';
import { type ExaminedHost, readPatient } from './examined-host.ts';

/** In the order a person would look: is there anything, is it whole, who has it, will it come back. */
const CHECKS: readonly ((examined: ExaminedHost) => readonly Issue[])[] = [
  checkSupport,
  checkReadable,
  checkTypes,
  checkLibvirt,
  checkOwnership,
  checkDomains,
  checkDefinitions,
  checkAutostart,
];

/** All findings about a host, see `findings.ts`. Reads only. */
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
