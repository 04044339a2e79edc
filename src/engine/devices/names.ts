import type { Location } from '../../errors.ts';
import { UNSAFE_IN_NAMES } from '../../terminal-text.ts';
import { parseUuid } from '../../nodedev/uuid.ts';
import {
  attributeNameInvalid,
  domainNameInvalid,
  nameInvalid,
} from '../wording/request-messages.ts';
import { isAttributeName } from '../definitions/definitions.ts';
import type { DomainRef } from '../../domain/domain-ref.ts';

// Names that users choose. They become keys of the store, words of commands and lines of output, so they are held to
// what can be none of: a path, an option, a line of its own, a command to a terminal.

/** Characters of a group's name, and of a device's or a domain's. */
const GROUP = 128;
const OTHER = 255;

function isName(name: string, longest: number): boolean {
  return /^[^/.-][^/]*$/u.test(name) && !UNSAFE_IN_NAMES.test(name) && name.length <= longest;
}

/** @throws NodedevError `nodedev-invalid` */
export function checkGroupName(name: string, location?: Location): void {
  if (!isName(name, GROUP)) throw nameInvalid('group', name, GROUP, location);
}

/** Of the name a device is created with. @throws NodedevError `nodedev-invalid` */
export function checkDeviceName(name: string, location?: Location): void {
  if (!isName(name, OTHER)) throw nameInvalid('device', name, OTHER, location);
}

/** @throws NodedevError `attribute-invalid`: it can be no file of the device's directory */
export function checkAttributeName(name: string, location?: Location): void {
  if (!isAttributeName(name)) throw attributeNameInvalid(name, location);
}

/** Of the domain a group is to belong to. @throws NodedevError `domain-invalid` */
export function checkDomain({ name, uuid }: DomainRef): void {
  if (!isName(name, OTHER)) throw domainNameInvalid('name', name);
  if (uuid !== undefined && parseUuid(uuid) === undefined) throw domainNameInvalid('uuid', uuid);
}
