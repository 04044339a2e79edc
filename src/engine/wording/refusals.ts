import type { FunctionFiles } from '../../drivers/driver.ts';
import type { Operation, RefusalCause } from '../../drivers/refusal-cause.ts';
import { driverForType, drivers } from '../../drivers/registry.ts';
import type { Location } from '../../errors.ts';
import { NodedevError } from '../../errors.ts';
import { HostError } from '../../host/host.ts';
import { callOf } from '../../host/sysfs/paths.ts';
import { holderLabel } from '../../policy/reasons.ts';
import { CAUSES } from './refusal-causes.ts';

/**
 * A refusal of the host as an error with the likely cause, what was written where, and what to do. Other errors are
 * returned unchanged.
 *
 * @param doing the beginning of the sentence: `Unable to destroy 'mdev_…'`
 * @param type id of the device's type, whose driver may have its own causes
 */
export function refusal(
  error: unknown,
  doing: string,
  { type, location }: { readonly type?: string; readonly location?: Location | undefined } = {},
): unknown {
  if (!(error instanceof HostError)) return error;
  const files = MEDIATED.test(error.path) ? undefined : functionFilesAt(error.path);
  const own = (files ?? driverForType(type ?? ''))?.refusals;
  const isType = files !== undefined && error.path.endsWith(`/${files.current}`);
  const cause = causeOf(error.errno, operationOf(error, isType), own);
  return new NodedevError(cause?.code ?? 'host-refused', `${doing}: ${sentence(error, cause)}`, {
    location,
    hint: cause === undefined ? OTHER_HINT : hintOf(cause),
    cause: error,
  });
}

/** A file of a mediated device: those of functions have the same names. */
const MEDIATED = /\/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\//;

const functionFilesAt = (path: string): FunctionFiles | undefined =>
  drivers
    .flatMap(({ functions }) => functions ?? [])
    .find(({ current, attributes }) =>
      [current, ...attributes].some((name) => path.endsWith(`/${name}`)),
    );

const OTHER_HINT = 'the kernel log may say why: `dmesg | tail -n 20`';

/** The driver's cause, else that of all drivers. */
function causeOf(
  errno: string,
  operation: Operation,
  own: readonly RefusalCause[] = [],
): RefusalCause | undefined {
  return [...own, ...CAUSES].find(
    (cause) => cause.errno === errno && cause.operations?.includes(operation) !== false,
  );
}

/** The operation that was refused, by the name of the file; of a function's type by what was written. */
function operationOf({ path, written }: HostError, isType: boolean): Operation {
  if (isType) return written === '0' ? 'remove' : 'create';
  if (path.startsWith('/dev/vfio/')) return 'open';
  return callOf(path);
}

function sentence(error: HostError, cause: RefusalCause | undefined): string {
  const written = error.written === undefined ? '' : ` writing '${error.written}' to`;
  const held =
    error.holders.length === 0 ? '' : `, held by ${error.holders.map(holderLabel).join(', ')}`;
  const facts = `${error.errno}${written} ${error.path}${held}`;
  return cause === undefined ? facts : `${cause.says} (${facts})`;
}

function hintOf({ next, log }: RefusalCause): string {
  return log === undefined ? next : `${next}; \`${log}\` shows what the driver said`;
}
