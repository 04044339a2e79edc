import { parseUuid } from '../../nodedev/uuid.ts';
import { UNSAFE_IN_NAMES } from '../../terminal-text.ts';

const PARENT = /^[A-Za-z0-9:._-]{1,255}$/;
/** Bytes of a file's name (Linux's NAME_MAX). */
const LONGEST = 255;
/** A uuid with hyphens may have one of these around it. */
const SPELLINGS =
  /^(?:urn:uuid:([\da-fA-F-]{36})|\{([\da-fA-F-]{36})\}|([\da-fA-F-]{36}|[\da-fA-F]{32}))$/u;

/** Whether a name can be a parent's directory in `mdevctl.d`. A name that leads out of it cannot. */
export function isParentName(name: string): boolean {
  return PARENT.test(name) && name !== '.' && name !== '..';
}

/**
 * Whether a name can be a sysfs attribute of a device: relative (`assign_adapter`, `nvidia/vgpu_params`), no
 * component that leads elsewhere. mdevctl itself writes to any path that is in the file, even `/etc/passwd`.
 */
export function isAttributeName(name: string): boolean {
  const isFile = (part: string): boolean =>
    !['', '.', '..'].includes(part) && Buffer.byteLength(part) <= LONGEST;
  return !UNSAFE_IN_NAMES.test(name) && name.split('/').every(isFile);
}

/** Whether a name can be a type's directory in sysfs. */
export function isTypeName(name: string): boolean {
  return isAttributeName(name) && !name.includes('/');
}

/** The uuid of a file name. mdevctl reads every usual spelling, and writes lower case with hyphens. */
export function uuidOfFileName(name: string): string | undefined {
  const inner = SPELLINGS.exec(name)?.slice(1).join('') ?? '';
  const uuid = parseUuid(inner);
  const isUsual = uuid === inner.toLowerCase() || uuid?.replaceAll('-', '') === inner.toLowerCase();
  return isUsual ? uuid : undefined;
}
