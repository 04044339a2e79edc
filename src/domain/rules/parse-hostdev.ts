import { attributeOf, childElements } from '../../xml/element.ts';
import { attribute, child, enumFindings, found, type Rule } from './rule.ts';

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
      .flatMap(({ element }) =>
        found(
          element,
          'Missing <source> element in hostdev device',
          "Name the device: <source><address uuid='…'/></source>.",
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
      .filter(({ type }) => type !== 'usb')
      .flatMap(({ element }) => {
        const source = child(element, 'source');
        return found(
          source && attribute(source, 'startupPolicy'),
          'Setting startupPolicy is only allowed for USB devices',
          'Remove it.',
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
      .filter(({ type, mode }) => type !== 'scsi' && mode === 'subsystem')
      .flatMap(({ element }) =>
        ['sgio', 'rawio'].flatMap((name) =>
          found(
            attribute(element, name),
            `${name} is only supported for scsi host device`,
            'Remove it.',
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
      .filter(({ type, mode }) => mode === 'subsystem' && type !== 'mdev' && type !== 'scsi_host')
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

/** Mistakes in any `<hostdev>` that stop libvirt from reading the domain. */
export const parseHostdevRules: readonly Rule[] = [
  modeInvalid,
  typeMissing,
  typeInvalid,
  sourceMissing,
  sourceRepeated,
  startupPolicyNotUsb,
  scsiAttribute,
  modelNotMdev,
  switchInvalid,
];
