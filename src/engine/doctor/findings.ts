import type { Issue, Location, Severity } from '../../errors.ts';

interface FindingKind {
  readonly severity: Severity;
  readonly meaning: string;
}

const KINDS = {
  'doctor-no-mdev-support': {
    severity: 'error',
    meaning: 'the host has no parent, and why',
  },
  'doctor-hardware-without-mdev': {
    severity: 'notice',
    meaning: 'hardware that could have mediated devices has none, beside some that has',
  },
  'doctor-unreadable': {
    severity: 'warning',
    meaning: 'a parent, type or device in sysfs that cannot be read, and is left out of listings',
  },
  'doctor-parent-without-types': {
    severity: 'warning',
    meaning: 'a parent is registered, but its driver offers no type',
  },
  'doctor-parent-blocked': {
    severity: 'warning',
    meaning: 'no type of a card has an instance left, although it has no device',
  },
  'doctor-parent-full': {
    severity: 'notice',
    meaning: 'no type of a card has an instance left, and which devices use it',
  },
  'doctor-hidden-from-libvirt': {
    severity: 'notice',
    meaning: 'a parent that libvirt does not list',
  },
  'doctor-orphan': {
    severity: 'warning',
    meaning: 'a device nobody uses, without a definition, that virt-nodedev did not create',
  },
  'doctor-foreign-device': {
    severity: 'notice',
    meaning: 'a device in use, without a definition, that virt-nodedev did not create',
  },
  'doctor-without-owner': {
    severity: 'notice',
    meaning: 'a group no domain has claimed or opened',
  },
  'doctor-two-domains': {
    severity: 'warning',
    meaning: 'a device that two domains have, by their configuration or by a claim',
  },
  'doctor-domain-device-missing': {
    severity: 'warning',
    meaning: 'a domain is defined with a device that is neither active nor defined',
  },
  'doctor-domain-device-transient': {
    severity: 'notice',
    meaning: 'a domain is defined with a device that is active, but not defined',
  },
  'doctor-domain-unreadable': {
    severity: 'warning',
    meaning: "a file of libvirt's that should be a domain but is not",
  },
  'doctor-domain-hidden': {
    severity: 'notice',
    meaning: 'domains this user may not read',
  },
  'doctor-store-unreadable': {
    severity: 'warning',
    meaning: 'groups, owners and aliases are not known to this user, or to anybody',
  },
  'doctor-definition-unreadable': {
    severity: 'error',
    meaning: 'a file that should define a device but does not',
  },
  'doctor-definition-hidden': {
    severity: 'notice',
    meaning: 'a definition this user may not read',
  },
  'doctor-definition-parent': {
    severity: 'warning',
    meaning: 'a definition whose parent is not there',
  },
  'doctor-definition-type': {
    severity: 'warning',
    meaning: 'a definition whose type its parent does not offer',
  },
  'doctor-autostart-rule': {
    severity: 'warning',
    meaning: 'a udev rule starts devices with a program that is not there',
  },
} as const satisfies Readonly<Record<string, FindingKind>>;

export type DoctorCode = keyof typeof KINDS;

/** Every code the doctor gives, with its severity and what it means. Stable: programs compare them. */
export const doctorFindings: Readonly<Record<DoctorCode, FindingKind>> = KINDS;

export function finding(
  code: DoctorCode,
  message: string,
  {
    hint,
    location,
  }: { readonly hint?: string | undefined; readonly location?: Location | undefined },
): Issue {
  return { code, severity: KINDS[code].severity, message, hint, location };
}
