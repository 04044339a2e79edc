import { NodedevError } from '../errors.ts';
import { attributeOf, buildElement, childElements, type XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';
import { overriddenProperty, type QemuProperties } from './qemu-property.ts';
import { insertElements, removeElement, setAttribute } from './text-edit.ts';

/** libvirt's namespace for what is QEMU's own. (https://libvirt.org/drvqemu.html) */
const QEMU_NAMESPACE = 'http://libvirt.org/schemas/domain/qemu/1.0';

/** Sets properties of the device with this alias in `<qemu:override>`. Other properties of it stay. */
export function overrideProperties(
  domainText: string,
  alias: string,
  properties: QemuProperties,
): string {
  const { text, root, prefix } = namespaced(domainText);
  const device = overriddenDevice(root, prefix, alias);
  const before = device === undefined ? [] : propertiesOf(device, prefix);
  const wanted = Object.entries(properties).map(([name, value]) => overriddenProperty(name, value));
  const kept = before.filter((one) => !wanted.some(({ name }) => name === one['name']));
  const after = [...kept, ...wanted.map((one): Properties => ({ ...one }))];
  if (sameProperties(before, after)) return domainText;
  const element = buildElement(`${prefix}:device`, { alias }, [
    buildElement(
      `${prefix}:frontend`,
      {},
      after.map((attributes) => buildElement(`${prefix}:property`, attributes)),
    ),
  ]);
  const cleared = readXml(device === undefined ? text : removeElement(text, device));
  const override = childElements(cleared.root, `${prefix}:override`)[0];
  return override === undefined
    ? insertElements(cleared.text, cleared.root, [
        buildElement(`${prefix}:override`, {}, [element]),
      ])
    : insertElements(cleared.text, override, [element]);
}

/** Removes what `<qemu:override>` says of a device, and the element when nothing is left: libvirt 8.4 crashes over an empty one. */
export function withoutOverride(domainText: string, alias: string): string {
  const { root, text } = readXml(domainText);
  const prefix = prefixOf(root);
  const device = prefix === undefined ? undefined : overriddenDevice(root, prefix, alias);
  if (device === undefined) return domainText;
  const override = childElements(root, `${prefix}:override`).find((one) =>
    childElements(one).includes(device),
  );
  const isLast = override !== undefined && childElements(override).length === 1;
  return removeElement(text, isLast ? override : device);
}

type Properties = Readonly<Record<string, string>>;

function propertiesOf(device: XmlElement, prefix: string): readonly Properties[] {
  return childElements(device, `${prefix}:frontend`)
    .flatMap((frontend) => childElements(frontend, `${prefix}:property`))
    .map(({ attributes }) =>
      Object.fromEntries(attributes.map(({ name, value }) => [name, value])),
    );
}

function sameProperties(before: readonly Properties[], after: readonly Properties[]): boolean {
  const text = (list: readonly Properties[]): string[] =>
    list
      .map(({ name, type, value }) => [name, type, value].join('\0'))
      .toSorted((one, other) => (one < other ? -1 : 1));
  return text(before).join('\n') === text(after).join('\n');
}

function overriddenDevice(root: XmlElement, prefix: string, alias: string): XmlElement | undefined {
  return childElements(root, `${prefix}:override`)
    .flatMap((override) => childElements(override, `${prefix}:device`))
    .find((device) => attributeOf(device, 'alias') === alias);
}

/** The prefix that the domain gives QEMU's namespace. */
function prefixOf(root: XmlElement): string | undefined {
  return root.attributes
    .find(({ name, value }) => name.startsWith('xmlns:') && value === QEMU_NAMESPACE)
    ?.name.slice('xmlns:'.length);
}

/** The document with QEMU's namespace declared. */
function namespaced(domainText: string): {
  readonly text: string;
  readonly root: XmlElement;
  readonly prefix: string;
} {
  const { root, text } = readXml(domainText);
  const known = prefixOf(root);
  if (known !== undefined) return { text, root, prefix: known };
  if (attributeOf(root, 'xmlns:qemu') !== undefined) {
    throw new NodedevError('domain-invalid', "the domain's prefix 'qemu' is not QEMU's namespace", {
      location: root.location,
      hint: `Write xmlns:qemu='${QEMU_NAMESPACE}' in <domain>.`,
    });
  }
  const declared = readXml(setAttribute(text, root, 'xmlns:qemu', QEMU_NAMESPACE));
  return { text: declared.text, root: declared.root, prefix: 'qemu' };
}
