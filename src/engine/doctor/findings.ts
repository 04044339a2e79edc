import type { DoctorCode } from '../../codes.ts';
import type { Issue, Location, Severity } from '../../errors.ts';

const SEVERITY: Readonly<Record<DoctorCode, Severity>> = {
  'doctor-no-mdev-support': 'error',
  'doctor-hardware-without-mdev': 'notice',
  'doctor-framework': 'notice',
  'doctor-unreadable': 'warning',
  'doctor-parent-without-types': 'warning',
  'doctor-parent-blocked': 'warning',
  'doctor-parent-full': 'notice',
  'doctor-types-odd': 'notice',
  'doctor-hidden-from-libvirt': 'notice',
  'doctor-orphan': 'warning',
  'doctor-foreign-device': 'notice',
  'doctor-without-owner': 'notice',
  'doctor-two-domains': 'warning',
  'doctor-domain-device-missing': 'warning',
  'doctor-domain-device-transient': 'notice',
  'doctor-domain-cannot-start': 'warning',
  'doctor-domain-uuid': 'warning',
  'doctor-device-unusable': 'warning',
  'doctor-function-changed': 'warning',
  'doctor-type-differs': 'warning',
  'doctor-type-changed': 'warning',
  'doctor-autostart-room': 'warning',
  'doctor-resources-taken': 'notice',
  'doctor-resources-autostart': 'warning',
  'doctor-resources-kept': 'warning',
  'doctor-resources-absent': 'notice',
  'doctor-resources-refused': 'warning',
  'doctor-group-room': 'warning',
  'doctor-domain-unreadable': 'warning',
  'doctor-domain-hidden': 'notice',
  'doctor-store-unreadable': 'warning',
  'doctor-definition-unreadable': 'error',
  'doctor-definition-hidden': 'notice',
  'doctor-definition-parent': 'warning',
  'doctor-definition-type': 'warning',
  'doctor-definition-function': 'warning',
  'doctor-autostart-rule': 'warning',
  'doctor-read-only': 'warning',
  'doctor-mount-dead': 'warning',
  'doctor-driver-unsafe': 'warning',
  'doctor-driver-not-run': 'notice',
  'write-unanswered': 'warning',
};

export function finding(
  code: DoctorCode,
  message: string,
  {
    hint,
    location,
  }: { readonly hint?: string | undefined; readonly location?: Location | undefined },
): Issue {
  return { code, severity: SEVERITY[code], message, hint, location };
}
