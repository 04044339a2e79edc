import type { Fix } from '../../errors.ts';
import { parseUuid } from '../../nodedev/uuid.ts';
import { childElements, textOf, type XmlElement } from '../../xml/element.ts';
import type { DomainHostdev } from '../domain.ts';
import {
  attributeFix,
  child,
  enumFindings,
  type FindingNode,
  found,
  mediatedHostdevs,
  type Rule,
  uuidNode,
  valueFix,
} from './rule.ts';

const UUID_HINT =
  "It is the uuid the device was created with; `list({ capabilities: ['mdev'] })` shows it.";

/** "Missing required attribute 'model' in element 'hostdev'" */
const modelMissing: Rule = {
  code: 'mdev-model-missing',
  severity: 'error',
  stage: 'parse',
  summary: 'a mediated hostdev has a model',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevDefParseXMLSubsys',
  check: ({ domain, host }) =>
    mediatedHostdevs(domain)
      .filter(({ model }) => model === undefined)
      .flatMap(({ element, uuid }) => {
        const api = uuid === undefined ? undefined : host?.active(uuid)?.deviceApi;
        return found(
          element,
          "Missing required attribute 'model' in element 'hostdev'",
          "It is the device API of the device's type: vfio-pci, vfio-ccw or vfio-ap.",
          api === undefined ? undefined : attributeFix('model', api),
        );
      }),
};

/** "Invalid value for attribute 'model' in element 'hostdev': '%s'." */
const modelInvalid: Rule = {
  code: 'mdev-model-invalid',
  severity: 'error',
  stage: 'parse',
  summary: 'the model of a mediated hostdev is vfio-pci, vfio-ccw or vfio-ap',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevDefParseXMLSubsys',
  isPerDevice: true,
  check: ({ domain }) =>
    domain.hostdevs
      .filter(({ type }) => type === 'mdev')
      .flatMap(({ element }) =>
        enumFindings(element, 'model', ['vfio-pci', 'vfio-ccw', 'vfio-ap']),
      ),
};

/** "Missing <address> element" */
const addressMissing: Rule = {
  code: 'mdev-source-address-missing',
  severity: 'error',
  stage: 'parse',
  summary: 'the source of a mediated hostdev has an <address>',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevSubsysMediatedDevDefParseXML',
  isPerDevice: true,
  check: ({ domain }) =>
    mediatedHostdevs(domain).flatMap(({ element }) => {
      const source = child(element, 'source');
      return source !== undefined && childElements(source, 'address').length > 0
        ? []
        : found(source, 'Missing <address> element', "Name the device: <address uuid='…'/>.");
    }),
};

/** "Missing 'uuid' attribute for element <address>" */
const uuidMissing: Rule = {
  code: 'mdev-uuid-missing',
  severity: 'error',
  stage: 'parse',
  summary: 'a mediated hostdev names its device by uuid',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevSubsysMediatedDevDefParseXML',
  isPerDevice: true,
  check: ({ domain }) =>
    domain.hostdevs.flatMap(({ type, form, uuidNode: named, element }) => {
      const source = child(element, 'source');
      if (type !== 'mdev' || named !== undefined || source === undefined) return [];
      return form === 'thread'
        ? found(source, 'Missing <uuid> element', UUID_HINT)
        : found(
            child(source, 'address'),
            "Missing 'uuid' attribute for element <address>",
            UUID_HINT,
          );
    }),
};

/** "Cannot parse uuid attribute of element <address>" */
const uuidInvalid: Rule = {
  code: 'mdev-uuid-invalid',
  severity: 'error',
  stage: 'parse',
  summary: 'the uuid of a mediated hostdev has 32 hexadecimal digits',
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevSubsysMediatedDevDefParseXML',
  isPerDevice: true,
  check: ({ domain }) =>
    domain.hostdevs
      .filter((hostdev) => hostdev.uuidNode !== undefined && hostdev.uuid === undefined)
      .flatMap((hostdev) =>
        isNamed(hostdev)
          ? found(
              hostdev.uuidNode,
              `no uuid is known for the name '${textOf(hostdev.uuidNode).trim()}'`,
              'Only the host that has the device knows it. Write <uuid>.',
            )
          : found(
              uuidNode(hostdev),
              hostdev.form === 'thread'
                ? 'Cannot parse uuid of element <uuid>'
                : 'Cannot parse uuid attribute of element <address>',
              'A uuid has 32 hexadecimal digits, in groups of 8, 4, 4, 4 and 12 with - between them.',
              uuidFix(hostdev.uuidNode),
            ),
      ),
};

/** A uuid in braces or with a prefix, with other hyphens: what libvirt does not read as one, and everybody else does. */
function uuidFix(node: FindingNode | undefined): Fix | undefined {
  // The finding of a text is at its element.
  if (node === undefined || 'kind' in node) return undefined;
  const uuid = parseUuid(node.value.replaceAll(/^\s*urn:uuid:|[^0-9a-z]/giu, ''));
  return uuid === undefined ? undefined : valueFix(uuid);
}

/** Whether it has the thread's alternative form, which names the device by its name on the host. */
function isNamed(
  hostdev: DomainHostdev,
): hostdev is DomainHostdev & { readonly uuidNode: XmlElement } {
  const node = hostdev.uuidNode;
  return node !== undefined && 'kind' in node && node.name === 'name';
}

/**
 * The form proposed in 2016. This library accepts it as input, so it is no error. libvirt refuses it, because the source
 * of a PCI hostdev has no `<uuid>`.
 */
const threadForm: Rule = {
  code: 'hostdev-thread-form',
  severity: 'warning',
  stage: 'parse',
  summary: "<source type='mdev'><uuid> is the form proposed in 2016; no released libvirt reads it",
  source: 'libvirt src/conf/domain_conf.c: virDomainHostdevSubsysPCIDefParseXML',
  isPerDevice: true,
  check: ({ domain }) =>
    domain.hostdevs
      .filter(({ form }) => form === 'thread')
      .flatMap(({ element, uuid }) =>
        found(
          element,
          'no released libvirt reads this form of a mediated hostdev',
          `Write <hostdev mode='subsystem' type='mdev' model='…'><source><address uuid='${uuid ?? '…'}'/></source></hostdev>.`,
        ),
      ),
};

/** Mistakes in a mediated `<hostdev>` that stop libvirt from reading the domain. */
export const parseMdevRules: readonly Rule[] = [
  modelMissing,
  modelInvalid,
  addressMissing,
  uuidMissing,
  uuidInvalid,
  threadForm,
];
