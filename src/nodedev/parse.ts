import { bytes, checkArguments, optionalText, optionsOf, type ShapesOf } from '../arguments.ts';
import { type Location, NodedevError } from '../errors.ts';
import { childElement, childElements, textOf, type XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';
import type { NodeDevice } from './device.ts';
import { NEW_DEVICE, unexpectedRoot, unexpectedText, unreadable } from './messages.ts';
import { Reader } from './read.ts';
import { capabilityTypes } from './table.ts';
import { device } from './tables/device.ts';
import { isBlank } from './white-space.ts';

export interface ParseNodeDeviceOptions {
  /** The file's name for messages. */
  readonly file?: string | undefined;
}

const ARGUMENTS = [
  bytes,
  optionsOf({ file: optionalText } satisfies ShapesOf<ParseNodeDeviceOptions>),
];

/** libvirt's name for a node device document in messages. */
const DOCUMENT = 'node_device_definition';

const CAPABILITY_TYPES: ReadonlySet<string> = capabilityTypes(device);

/**
 * Reads one `<device>` in any of the three dialects. Nothing is dropped: unknown capability types and child elements
 * are kept as they are, everything else unknown is refused. White space between elements and comments are ignored.
 *
 * @throws NodedevError `nodedev-invalid` for the first mistake, with all mistakes in `issues`; the reader's `xml-…`
 *   codes when it is no XML
 */
export function parseNodeDevice(
  text: string | Uint8Array,
  options: ParseNodeDeviceOptions = {},
): NodeDevice {
  checkArguments('parseNodeDevice', ARGUMENTS, [text, options]);
  return parseNodeDeviceElement(readNodeDeviceXml(text, options));
}

/** Reads `<devices>` with any number of `<device>`, or a single `<device>`. Throws as {@link parseNodeDevice}. */
export function parseNodeDevices(
  text: string | Uint8Array,
  options: ParseNodeDeviceOptions = {},
): readonly NodeDevice[] {
  checkArguments('parseNodeDevices', ARGUMENTS, [text, options]);
  return parseNodeDevicesElement(readNodeDeviceXml(text, options));
}

/** The root element of a document, which messages call as libvirt does. Throws the reader's codes (`xml-…`). */
export function readNodeDeviceXml(
  text: string | Uint8Array,
  options: ParseNodeDeviceOptions = {},
): XmlElement {
  return readXml(text, { ...options, name: DOCUMENT }).root;
}

/** {@link parseNodeDevices} for a document that has already been read. */
export function parseNodeDevicesElement(root: XmlElement): readonly NodeDevice[] {
  return nodeDeviceElements(root).map((element) => parseNodeDeviceElement(element));
}

/** The child elements of `<devices>`, or a single `<device>`. @throws NodedevError `nodedev-invalid` for other roots */
export function nodeDeviceElements(root: XmlElement): readonly XmlElement[] {
  if (root.name === 'device') return [root];
  if (root.name !== 'devices') throw wrongRoot(root, '<device> or <devices>');
  if (!isBlank(textOf(root))) throw invalid(unexpectedText(root.name), root.location);
  return childElements(root);
}

/** {@link parseNodeDevice} for a `<device>` that has already been read. */
export function parseNodeDeviceElement(root: XmlElement): NodeDevice {
  if (root.name !== 'device') throw wrongRoot(root, '<device>');
  const nameElement = childElement(root, 'name');
  const name = nameElement === undefined ? '' : textOf(nameElement);
  const reader = new Reader(name === '' ? NEW_DEVICE : name, CAPABILITY_TYPES);
  const value = reader.read(device, root);
  if (value !== undefined) return value;
  const [first] = reader.problems;
  throw new NodedevError('nodedev-invalid', first?.message ?? unreadable(root.name), {
    location: first?.location ?? root.location,
    hint: first?.hint,
    issues: reader.problems,
  });
}

function wrongRoot(root: XmlElement, expected: string): NodedevError {
  return invalid(unexpectedRoot(root.name, expected), root.location);
}

function invalid(message: string, location: Location | undefined): NodedevError {
  return new NodedevError('nodedev-invalid', message, { location });
}
