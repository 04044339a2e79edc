import type { Fix } from '../../errors.ts';
import { nearMiss } from '../../suggest.ts';
import { attributeOf, childElements, type XmlElement } from '../../xml/element.ts';
import type { Domain } from '../domain.ts';
import { namesIn, parentsOf } from '../element-names.ts';
import { attributeFix, type Finding, found, perDevice, REMOVAL, type Rule } from './rule.ts';

/** What host devices depend on: without one of these a VM starts without its device, or not as it was meant. */
const NEEDED: ReadonlySet<string> = new Set(
  'devices hostdev memory memoryBacking memtune os features cpu vcpu controller iommu'.split(' '),
);

/** libvirt's namespaces of its own by the prefix everybody uses, with the elements that a domain may have of each. */
const NAMESPACES: Readonly<Record<string, readonly [uri: string, ...names: string[]]>> = {
  qemu: [
    'http://libvirt.org/schemas/domain/qemu/1.0',
    'commandline',
    'capabilities',
    'override',
    'deprecation',
  ],
  lxc: ['http://libvirt.org/schemas/domain/lxc/1.0', 'namespace'],
  xen: ['http://libvirt.org/schemas/domain/xen/1.0', 'commandline'],
  bhyve: ['http://libvirt.org/schemas/domain/bhyve/1.0', 'commandline'],
};

/** Where names are not libvirt's, or looked at by the schema. */
const OTHERS: ReadonlySet<string> = new Set(['metadata', 'hostdev']);

const IGNORED = 'libvirt ignores it and all that is in it';

/** An element libvirt's reader passes over, with the host device in it: the VM starts without. */
const elementLost: Rule = {
  code: 'domain-element-lost',
  severity: 'error',
  stage: 'ignored',
  summary:
    'host devices, and what they depend on, stand where libvirt reads them and are spelled as it spells them',
  source:
    'https://libvirt.org/formatdomain.html; libvirt src/conf/domain_conf.c: virDomainDefParseXML',
  check: ({ domain }) =>
    unknownElements(domain)
      .filter(isLoss)
      .map(({ finding }) => finding),
};

const elementUnknown: Rule = {
  code: 'domain-element-unknown',
  severity: 'warning',
  stage: 'ignored',
  summary: 'elements are those libvirt knows, where it knows them',
  source: 'https://libvirt.org/formatdomain.html',
  check: ({ domain }) =>
    unknownElements(domain)
      .filter((unknown) => !isLoss(unknown))
      .map(({ finding }) => finding),
};

const attributeUnknown: Rule = {
  code: 'domain-attribute-unknown',
  severity: 'warning',
  stage: 'ignored',
  summary: 'attributes are those libvirt knows',
  source: 'https://libvirt.org/formatdomain.html',
  check: ({ domain }) =>
    knownElements(domain).flatMap((element): readonly Finding[] => {
      const { attributes } = namesIn(element.name);
      return element.attributes
        .filter(({ name }) => !attributes.has(name) && !/^xmlns$|:/.test(name))
        .map((at) => {
          const near = nearMiss(at.name, attributes);
          return {
            message: `attribute '${at.name}' of <${element.name}> is not known; libvirt ignores it`,
            at,
            hint: near === undefined ? 'Remove it.' : `Did you mean '${near}'?`,
            fix: near === undefined ? REMOVAL : renameUnlessThere(element, near),
          };
        });
    }),
};

const namespaceMissing: Rule = {
  code: 'domain-namespace-missing',
  severity: 'warning',
  stage: 'ignored',
  summary: "elements such as qemu:commandline have libvirt's namespace",
  source: 'https://libvirt.org/drvqemu.html#pass-through-of-arbitrary-qemu-commands',
  check: ({ domain: { element } }) =>
    childElements(element).flatMap((child) => {
      const [prefix = '', name] = child.name.split(':');
      const [wanted, ...names] = (Object.hasOwn(NAMESPACES, prefix) && NAMESPACES[prefix]) || [];
      if (name === undefined || wanted === undefined) return [];
      const declaration = `xmlns:${prefix}`;
      const given = attributeOf(child, declaration) ?? attributeOf(element, declaration);
      if (given === wanted) {
        return names.includes(name)
          ? []
          : found(
              child,
              `<${child.name}> is not known in <domain>; ${IGNORED}`,
              `Write one of ${names.map((each) => `<${prefix}:${each}>`).join(', ')}.`,
            );
      }
      return found(
        child,
        `<${child.name}> has ${given === undefined ? 'no namespace' : `the namespace '${given}'`}; ${IGNORED}`,
        `Write <domain type='…' ${declaration}='${wanted}'>.`,
        names.includes(name) ? attributeFix(declaration, wanted) : undefined,
      );
    }),
};

/** What libvirt drops without a word because of its name or its place. */
export const nameRules: readonly Rule[] = perDevice([
  elementLost,
  elementUnknown,
  attributeUnknown,
  namespaceMissing,
]);

interface Unknown {
  readonly element: XmlElement;
  readonly near: string | undefined;
  readonly finding: Finding;
}

/** The element that was meant by one that a domain has in the place of `name`: `<device>` for `<devices>`. */
export function misspelt(root: XmlElement, name: string): XmlElement | undefined {
  const known = namesIn(root.name).children;
  return childElements(root).find(
    (child) => !known.has(child.name) && nearMiss(child.name, known) === name,
  );
}

function isLoss({ element, near }: Unknown): boolean {
  return (near !== undefined && NEEDED.has(near)) || hostDevicesIn(element) > 0;
}

function unknownElements(domain: Domain): readonly Unknown[] {
  return knownElements(domain).flatMap((parent) => {
    const { children } = namesIn(parent.name);
    return childElements(parent)
      .filter((element) =>
        isOfNamespace(element) ? hostDevicesIn(element) > 0 : !children.has(element.name),
      )
      .map((element) => unknownElement(element, parent.name));
  });
}

/** Whether an element is of another namespace than libvirt's, which has none. */
const isOfNamespace = (element: XmlElement): boolean =>
  element.name.includes(':') || Boolean(attributeOf(element, 'xmlns'));

function unknownElement(element: XmlElement, parent: string): Unknown {
  const { name } = element;
  const likest = nearMiss(name, namesIn(parent).children);
  // A name of another place was meant as it is written, unless what it looks like is needed: <device>, <feature>.
  const isMeant = likest === undefined || !NEEDED.has(likest);
  const places = isMeant ? parentsOf(name) : [];
  const near = places.length > 0 ? undefined : likest;
  const lost = hostDevicesIn(element);
  if (isOfNamespace(element)) {
    const message = `<${name}> is of a namespace that is not libvirt's; ${IGNORED}`;
    return {
      element,
      near: undefined,
      finding: { message, at: element, hint: 'Leave prefix and xmlns out.' },
    };
  }
  const message =
    (places.length > 0
      ? `<${name}> has no meaning in <${parent}>; ${IGNORED}`
      : `<${name}> is not known in <${parent}>; ${IGNORED}`) +
    (lost > 0 ? `: ${lost === 1 ? 'a host device' : `${lost} host devices`}` : '');
  return {
    element,
    near,
    finding: {
      message,
      at: element,
      hint: hintOf(places, near),
      fix:
        near !== undefined
          ? { kind: 'name', name: near }
          : places.length > 0 || lost > 0
            ? undefined
            : REMOVAL,
    },
  };
}

/** Another name for an attribute; none of two that are there. */
function renameUnlessThere(element: XmlElement, name: string): Fix | undefined {
  return attributeOf(element, name) === undefined ? { kind: 'name', name } : undefined;
}

function hintOf(places: readonly string[], near: string | undefined): string {
  if (places.length > 0) {
    return `Its place is in ${places
      .slice(0, 5)
      .map((place) => `<${place}>`)
      .join(', ')}.`;
  }
  return near === undefined ? 'Remove it.' : `Did you mean <${near}>?`;
}

/** The element itself or those in it that are host devices by their name or by what they say. */
function hostDevicesIn(element: XmlElement): number {
  const inside = childElements(element).reduce((sum, child) => sum + hostDevicesIn(child), 0);
  return inside > 0 || !isHostDevice(element) ? inside : 1;
}

function isHostDevice(element: XmlElement): boolean {
  const mode = attributeOf(element, 'mode');
  return /(?:^|:)hostdev$/.test(element.name) || mode === 'subsystem' || mode === 'capabilities';
}

/** The elements whose content libvirt's names are for. */
function knownElements({ element: root }: Domain): readonly XmlElement[] {
  const known: XmlElement[] = [];
  const visit = (element: XmlElement): void => {
    known.push(element);
    const { children } = namesIn(element.name);
    for (const child of childElements(element)) {
      const isRead = children.has(child.name) && !isOfNamespace(child);
      if (isRead && !OTHERS.has(child.name)) visit(child);
    }
  };
  visit(root);
  return known;
}
