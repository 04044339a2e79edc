import { attributeOf } from '../../xml/element.ts';
import * as messages from '../messages.ts';
import {
  attribute,
  child,
  found,
  mediatedHostdevs,
  perDevice,
  REMOVAL,
  type Rule,
} from './rule.ts';

/** libvirt keeps the attribute in the XML and never looks at it for a mediated device. */
const managedIgnored: Rule = {
  code: 'mdev-managed-ignored',
  severity: 'warning',
  stage: 'ignored',
  summary: "managed='yes' does nothing for a mediated device",
  source: 'libvirt src/hypervisor/virhostdev.c: virHostdevPrepareMediatedDevices',
  check: ({ domain }) =>
    domain.hostdevs
      .filter(({ type, element }) => type === 'mdev' && attributeOf(element, 'managed') === 'yes')
      .flatMap(({ element }) =>
        found(
          attribute(element, 'managed'),
          "managed='yes' and 'no' are the same for a mediated device: libvirt neither creates nor removes it",
          'Remove it; create the device before the VM starts, or define it and install samples/libvirt-hooks/qemu.',
          REMOVAL,
        ),
      ),
};

/** The schema allows an address, the parser keeps it, and the QEMU driver erases it. */
const apAddressIgnored: Rule = {
  code: 'ap-address-ignored',
  severity: 'warning',
  stage: 'ignored',
  summary: 'a vfio-ap device has no address in the guest',
  source: 'libvirt src/qemu/qemu_domain_address.c: qemuDomainPrimeVfioDeviceAddresses',
  check: ({ domain }) =>
    mediatedHostdevs(domain)
      .filter(({ model }) => model === 'vfio-ap')
      .flatMap(({ addressElement }) =>
        found(addressElement, 'the address of a vfio-ap device is ignored', 'Remove it.', REMOVAL),
      ),
};

/**
 * libvirt silently drops an alias that has not the form for users. An alias that libvirt generated (`hostdev0` in the XML
 * of a running domain) is no mistake.
 */
const aliasIgnored: Rule = {
  code: 'alias-ignored',
  severity: 'warning',
  stage: 'ignored',
  summary: "libvirt drops an alias that is not 'ua-' and letters, digits, '_', '-'",
  source: 'libvirt src/conf/domain_conf.c: virDomainDeviceAliasIsUserAlias',
  check: ({ domain }) =>
    domain.hostdevs
      .filter(
        ({ alias }) =>
          alias !== undefined &&
          !messages.USER_ALIAS.test(alias) &&
          !messages.GENERATED_ALIAS.test(alias),
      )
      .flatMap(({ element, alias }) =>
        found(
          child(element, 'alias'),
          `libvirt ignores the alias '${alias ?? ''}'`,
          "Start it with 'ua-', then letters, digits, '_' and '-'.",
        ),
      ),
};

/** QEMU has no ROM argument for a mediated device. */
const romIgnored: Rule = {
  code: 'mdev-rom-ignored',
  severity: 'warning',
  stage: 'ignored',
  summary: '<rom> does nothing for a mediated device',
  source: 'libvirt src/qemu/qemu_command.c: qemuBuildHostdevMediatedDevProps',
  check: ({ domain }) =>
    mediatedHostdevs(domain).flatMap(({ element }) =>
      found(child(element, 'rom'), '<rom> is ignored for mediated devices', 'Remove it.', REMOVAL),
    ),
};

/** libvirt's schema refuses `<driver>` here. Without validation libvirt drops it, even with `iommufd='yes'`. */
const driverIgnored: Rule = {
  code: 'mdev-driver-ignored',
  severity: 'warning',
  stage: 'ignored',
  summary: '<driver> does nothing for a mediated device',
  source: 'libvirt src/conf/schemas/domaincommon.rng: hostdevsubsysmdev',
  check: ({ domain }) =>
    mediatedHostdevs(domain).flatMap(({ element }) => {
      const driver = child(element, 'driver');
      const isIommufd = driver !== undefined && attributeOf(driver, 'iommufd') === 'yes';
      return found(
        driver,
        isIommufd
          ? "<driver iommufd='yes'/> is ignored for mediated devices: libvirt has it for PCI devices only"
          : '<driver> is ignored for mediated devices',
        isIommufd
          ? 'Remove it; the device is opened by the file of its IOMMU group.'
          : 'Remove it; the device is always assigned through VFIO.',
        REMOVAL,
      );
    }),
};

/** Settings that libvirt silently ignores. */
export const ignoredRules: readonly Rule[] = perDevice([
  managedIgnored,
  apAddressIgnored,
  aliasIgnored,
  romIgnored,
  driverIgnored,
]);
