import * as v from 'valibot';
import { bytes, checkArguments, text as textShape } from '../arguments.ts';
import { NodedevError } from '../errors.ts';
import { childElements, type XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';
import { pciAddressText, pciNumbers } from './address.ts';
import { type DomainHostdev, pciFunctionOf, readDomain } from './domain.ts';
import type { Hostdev } from './hostdev.ts';
import { functionShape, modelShape, removeOptions } from './hostdev-shape.ts';
import { duplicate } from './insert-hostdev.ts';
import type { RemoveOptions } from './edit-options.ts';
import { removeAttribute, removeElement, setAttribute } from './text-edit.ts';
import { notADomain } from './validate-domain.ts';

const REPLACE_ARGUMENTS = [
  bytes,
  textShape,
  v.object({ uuid: textShape, model: modelShape, function: functionShape }),
  removeOptions,
];

/**
 * Gives a domain another device in place of one: the same settings, address and alias, the new uuid or address on the host, and
 * the new model where that is another one. Between a mediated device and a function with a type, the type of the hostdev changes,
 * too. All other characters stay unchanged, also when the domain has the new device only.
 * @throws NodedevError `device-unknown` when the domain has neither; `hostdev-duplicate` when it has both, or the old one twice; `hostdev-unsupported`
 * for a function in place of what is written in the thread's form; `domain-invalid`; the reader's `xml-…` codes
 */
export function replaceHostdev(
  domainText: string,
  oldUuid: string,
  device: Pick<Hostdev, 'uuid' | 'model' | 'function'>,
  options: RemoveOptions = {},
): string {
  checkArguments('replaceHostdev', REPLACE_ARGUMENTS, [domainText, oldUuid, device, options]);
  const { uuid } = device;
  const place = device.function && pciAddressText(device.function);
  const { root, text } = readXml(domainText, { file: options.file });
  if (root.name !== 'domain') throw notADomain(root);
  const { functions = {} } = options;
  const { hostdevs } = readDomain(root, (name) => (name === place ? uuid : functions[name]));
  const [old, again] = hostdevs.filter((one) => one.uuid === oldUuid);
  const existing = hostdevs.find((one) => one.uuid === uuid);
  if (existing !== undefined && (old === undefined || old === existing)) return text;
  if (existing !== undefined) throw duplicate(uuid, existing);
  if (again !== undefined) {
    throw new NodedevError(
      'hostdev-duplicate',
      `mediated device ${oldUuid} is in the domain more than once`,
      { location: again.element.location, hint: 'Leave one of its hostdevs, and try again.' },
    );
  }
  if (old === undefined) {
    throw new NodedevError('device-unknown', `mediated device ${oldUuid} is not in the domain`, {
      location: root.location,
      hint: 'Name one of the devices that the domain has.',
    });
  }
  return replaced(text, old, device);
}

function replaced(
  text: string,
  old: DomainHostdev,
  { uuid, model, function: place }: Pick<Hostdev, 'uuid' | 'model' | 'function'>,
): string {
  const { element } = old;
  const wasFunction = pciFunctionOf(element) !== undefined;
  if (place === undefined && !wasFunction) return withModel(withUuid(text, old, uuid), old, model);
  const source = childElements(element, 'source')[0];
  const address = source && childElements(source, 'address')[0];
  if (address === undefined) {
    throw new NodedevError(
      'hostdev-unsupported',
      "the thread's form has no functions with a type",
      {
        location: old.location,
        hint: 'Write the device in the libvirt dialect first.',
      },
    );
  }
  const numbers = place === undefined ? { uuid } : pciNumbers(place);
  // From the end, so that what stands before keeps its place. Only PCI devices have a driver.
  const later = childElements(element, 'driver').filter(() => place === undefined);
  const parts = [...later, address].toSorted((a, b) => (b.range?.[0] ?? 0) - (a.range?.[0] ?? 0));
  const edited = parts.reduce(
    (rest, part) =>
      part === address ? withAttributes(rest, part, numbers) : removeElement(rest, part),
    text,
  );
  if (place === undefined) {
    const mediated = withAttributes(edited, element, { type: 'mdev', model: model ?? 'vfio-pci' });
    return removeAttribute(mediated, element, 'managed');
  }
  const given = withAttributes(edited, element, { type: 'pci', managed: 'no' });
  return removeAttribute(given, element, 'model');
}

/** Sets attributes: of an address they are all that it has then, of a hostdev the others stay. */
function withAttributes(
  text: string,
  element: XmlElement,
  values: Readonly<Record<string, string>>,
): string {
  const set = Object.entries(values).reduce(
    (rest, [name, value]) => setAttribute(rest, element, name, value),
    text,
  );
  const others = element.attributes.filter(({ name }) => !(name in values));
  return element.name === 'address'
    ? others.reduce((rest, { name }) => removeAttribute(rest, element, name), set)
    : set;
}

/** The uuid stands behind the hostdev's own start tag, so the offsets in that stay right. */
function withUuid(text: string, { element, uuidNode }: DomainHostdev, uuid: string): string {
  if (uuidNode !== undefined && 'kind' in uuidNode) {
    const [start, end] = uuidNode.range ?? [0, 0];
    return `${text.slice(0, start)}<uuid>${uuid}</uuid>${text.slice(end)}`;
  }
  const source = childElements(element, 'source')[0];
  const address = source && childElements(source, 'address')[0];
  return address === undefined ? text : setAttribute(text, address, 'uuid', uuid);
}

function withModel(text: string, old: DomainHostdev, model: Hostdev['model']): string {
  return model === undefined || old.form === 'thread' || old.model === model
    ? text
    : setAttribute(text, old.element, 'model', model);
}
