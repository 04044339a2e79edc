import { displayRules } from './display.ts';
import { addressRules } from './addresses.ts';
import { givenRules } from './given.ts';
import { groupRules, sharingRules } from './groups.ts';
import { hostRules } from './host.ts';
import { ignoredRules } from './ignored.ts';
import { nameRules } from './names.ts';
import { parseDeviceRules } from './parse-device.ts';
import { parseHostdevRules } from './parse-hostdev.ts';
import { parseMdevRules } from './parse-mdev.ts';
import { postParseRules } from './post-parse.ts';
import { qemuSetRules } from './qemu-set.ts';
import { qemuRules } from './qemu.ts';
import type { Rule } from './rule.ts';
import { validateRules } from './validate.ts';

/** All checks of a domain, in libvirt's order. They include those of the drivers that are registered now. */
export const domainRules = (): readonly Rule[] => [
  ...parseHostdevRules,
  ...parseMdevRules,
  ...parseDeviceRules,
  ...postParseRules,
  ...validateRules,
  ...addressRules,
  ...qemuRules,
  ...displayRules,
  ...qemuSetRules,
  ...ignoredRules,
  ...nameRules,
  ...givenRules(),
  ...hostRules,
  ...groupRules,
  ...sharingRules,
];
