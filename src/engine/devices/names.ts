import type { Location } from '../../errors.ts';
import { UNSAFE_IN_NAMES } from '../../terminal-text.ts';
import { parseUuid } from '../../nodedev/uuid.ts';
import {
  attributeNameInvalid,
  domainNameInvalid,
  nameInvalid,
} from '../wording/request-messages.ts';
import { isAttributeName } from '../definitions/definitions.ts';
import type { DomainRef } from '../../policy/domain-ref.ts';

// Names that users choose. They become keys of the store, arguments of commands and parts of lines of output. So a name
// must not be a path, an option, several lines, or control a terminal.

/** Most characters of the names of groups, and of the names of devices and domains. */
const GROUP = 128;
const OTHER = 255;

function isName(name: string, longest: number): boolean {
  return /^[^/.-][^/]*$/u.test(name) && !UNSAFE_IN_NAMES.test(name) && name.length <= longest;
}

/** @throws NodedevError `nodedev-invalid` */
export function checkGroupName(name: string, location?: Location): void {
  if (!isName(name, GROUP)) throw nameInvalid('group', name, GROUP, location);
}

/** Checks the name that a device is created with. @throws NodedevError `nodedev-invalid` */
export function checkDeviceName(name: string, location?: Location): void {
  if (!isName(name, OTHER)) throw nameInvalid('device', name, OTHER, location);
}

/** @throws NodedevError `attribute-invalid`: it cannot be a file in the device's directory */
export function checkAttributeName(name: string, location?: Location): void {
  if (!isAttributeName(name)) throw attributeNameInvalid(name, location);
}

/** Checks the names of a domain that is to own a group. @throws NodedevError `domain-invalid` */
export function checkDomain({ name, uuid }: DomainRef): void {
  if (!isName(name, OTHER)) throw domainNameInvalid('name', name);
  if (uuid !== undefined && parseUuid(uuid) === undefined) throw domainNameInvalid('uuid', uuid);
}
