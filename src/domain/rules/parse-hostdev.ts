import { attributeOf, childElements, type XmlElement } from '../../xml/element.ts';
import {
  attribute,
  attributeFix,
  child,
  enumFindings,
  found,
  perDevice,
  REMOVAL,
  type Rule,
} from './rule.ts';

const TYPES: Readonly<Record<'subsystem' | 'capabilities', readonly string[]>> = {
  subsystem: ['usb', 'pci', 'scsi', 'scsi_host', 'mdev'],
  capabilities: ['storage', 'misc', 'net'],
};

/** "Invalid value for attribute 'mode' in element 'hostdev': '%s'." */
const modeInvalid: Rule = {
  code: 'hostdev-mode-invalid',
  severity: 'error',
  stage: 'parse',
  summary: 'the mode of a hostdev is subsystem or capabilities',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevDefParseXML',
  check: ({ domain }) =>
    domain.hostdevs.flatMap(({ element }) => enumFindings(element, 'mode', Object.keys(TYPES))),
};

/** "Missing required attribute 'type' in element 'hostdev'" */
const typeMissing: Rule = {
  code: 'hostdev-type-missing',
  severity: 'error',
  stage: 'parse',
  summary: 'a hostdev has a type',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevDefParseXMLSubsys',
  check: ({ domain }) =>
    domain.hostdevs
      .filter(({ element }) => attributeOf(element, 'type') === undefined)
      .flatMap(({ element }) =>
        found(
          element,
          "Missing required attribute 'type' in element 'hostdev'",
          "A mediated device has type='mdev'.",
          namesMediatedDevice(element) ? attributeFix('type', 'mdev') : undefined,
        ),
      ),
};

/** "Invalid value for attribute 'type' in element 'hostdev': '%s'." */
const typeInvalid: Rule = {
  code: 'hostdev-type-invalid',
  severity: 'error',
  stage: 'parse',
  summary: 'the type of a hostdev is one libvirt knows',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevDefParseXMLSubsys, …Caps',
  check: ({ domain }) =>
    domain.hostdevs.flatMap(({ element, mode }) =>
      mode === 'subsystem' || mode === 'capabilities'
        ? enumFindings(element, 'type', TYPES[mode])
        : [],
    ),
};

/** How each type names its device. */
const SOURCES: Readonly<Record<string, string>> & { readonly mdev: string } = {
  mdev: "<source><address uuid='…'/></source>",
  pci: "<source><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source>",
  usb: "<source><vendor id='0x1234'/><product id='0xbeef'/></source>",
  scsi: "<source><adapter name='scsi_host0'/><address bus='0' target='0' unit='0'/></source>",
  scsi_host: "<source protocol='vhost' wwpn='naa.…'/>",
};

/** "Missing <source> element in hostdev device" */
const sourceMissing: Rule = {
  code: 'hostdev-source-missing',
  severity: 'error',
  stage: 'parse',
  summary: 'a hostdev has a <source>',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevDefParseXMLSubsys',
  check: ({ domain }) =>
    domain.hostdevs
      .filter(({ mode, element }) => mode === 'subsystem' && child(element, 'source') === undefined)
      .flatMap(({ element, type }) =>
        found(
          element,
          'Missing <source> element in hostdev device',
          `Name the device: ${SOURCES[type ?? 'mdev'] ?? SOURCES.mdev}.`,
        ),
      ),
};

/** libvirt uses the first <source> and silently ignores others. */
const sourceRepeated: Rule = {
  code: 'hostdev-source-repeated',
  severity: 'warning',
  stage: 'ignored',
  summary: 'libvirt reads only the first <source> of a hostdev',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevDefParseXMLSubsys',
  check: ({ domain }) =>
    domain.hostdevs.flatMap(({ element }) =>
      childElements(element, 'source')
        .slice(1)
        .flatMap((second) =>
          found(
            second,
            'libvirt reads only the first <source>; this one is ignored',
            'Write one <hostdev> for each device.',
          ),
        ),
    ),
};

/** "Setting startupPolicy is only allowed for USB devices" */
const startupPolicyNotUsb: Rule = {
  code: 'startup-policy-not-usb',
  severity: 'error',
  stage: 'parse',
  summary: 'startupPolicy is for USB devices only',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevDefParseXMLSubsys',
  check: ({ domain }) =>
    domain.hostdevs
      .filter(({ type }) => isOtherType(type, 'usb'))
      .flatMap(({ element }) => {
        const source = child(element, 'source');
        return found(
          source && attribute(source, 'startupPolicy'),
          'Setting startupPolicy is only allowed for USB devices',
          'Remove it.',
          REMOVAL,
        );
      }),
};

/** "sgio is only supported for scsi host device" and "rawio is only supported for scsi host device" */
const scsiAttribute: Rule = {
  code: 'scsi-attribute-not-scsi',
  severity: 'error',
  stage: 'parse',
  summary: 'sgio and rawio are for SCSI devices only',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevDefParseXMLSubsys',
  check: ({ domain }) =>
    domain.hostdevs
      .filter(({ type, mode }) => mode === 'subsystem' && isOtherType(type, 'scsi'))
      .flatMap(({ element }) =>
        ['sgio', 'rawio'].flatMap((name) =>
          found(
            attribute(element, name),
            `${name} is only supported for scsi host device`,
            'Remove it.',
            REMOVAL,
          ),
        ),
      ),
};

/** "'model' attribute in <hostdev> is only supported when type='%s'": libvirt inserts the hostdev's own type here. */
const modelNotMdev: Rule = {
  code: 'model-not-mdev',
  severity: 'error',
  stage: 'parse',
  summary: 'model is for mediated devices and vhost SCSI only',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevDefParseXMLSubsys',
  check: ({ domain }) =>
    domain.hostdevs
      .filter(({ type, mode }) => mode === 'subsystem' && isOtherType(type, 'mdev', 'scsi_host'))
      .flatMap(({ type, element }) =>
        found(
          attribute(element, 'model'),
          `'model' attribute in <hostdev> is only supported when type='mdev', not type='${type ?? ''}'`,
          "Write type='mdev' for a mediated device, or remove the model.",
        ),
      ),
};

/**
 * "Invalid value for attribute 'display' in element 'hostdev': '%s'."; the same for ramfb, managed and an address's
 * multifunction. display and ramfb are read for mediated devices, and since libvirt 10.3 for PCI devices.
 */
const switchInvalid: Rule = {
  code: 'hostdev-switch-invalid',
  severity: 'error',
  stage: 'parse',
  summary: 'display, ramfb and multifunction are on or off, managed is yes or no',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevDefParseXMLSubsys',
  check: ({ domain }) =>
    domain.hostdevs.flatMap(({ type, element, addressElement }) => [
      ...enumFindings(element, 'managed', ['yes', 'no']),
      ...(addressElement === undefined
        ? []
        : enumFindings(addressElement, 'multifunction', ['on', 'off'])),
      ...(type === 'mdev' || type === 'pci'
        ? ['display', 'ramfb'].flatMap((name) => enumFindings(element, name, ['on', 'off']))
        : []),
    ]),
};

/** Only the source of a mediated device has an address with a uuid. */
function namesMediatedDevice(hostdev: XmlElement): boolean {
  const source = child(hostdev, 'source');
  const address = source && child(source, 'address');
  return address !== undefined && attributeOf(address, 'uuid') !== undefined;
}

/** A type libvirt knows, and none of these; of one that is missing or misspelt only that is told. */
function isOtherType(type: string | undefined, ...fitting: readonly string[]): boolean {
  return type !== undefined && TYPES.subsystem.includes(type) && !fitting.includes(type);
}

/** Mistakes in any `<hostdev>` that stop libvirt from reading the domain. */
export const parseHostdevRules: readonly Rule[] = perDevice([
  modeInvalid,
  typeMissing,
  typeInvalid,
  sourceMissing,
  sourceRepeated,
  startupPolicyNotUsb,
  scsiAttribute,
  modelNotMdev,
  switchInvalid,
]);
