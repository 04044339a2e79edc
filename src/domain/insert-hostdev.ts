import * as v from 'valibot';
import {
  bytes,
  checkArguments,
  optionalText,
  optionsOf,
  type ShapesOf,
  text as textShape,
  withArguments,
} from '../arguments.ts';
import { NodedevError } from '../errors.ts';
import { dialectShape } from '../nodedev/shapes.ts';
import { attributeOf, buildElement, childElements, type XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';
import { type DomainHostdev, readDomain } from './domain.ts';
import { pciAddressText } from './address.ts';
import type { UuidOfName } from './hostdev-xml.ts';
import type { EditOptions, RemoveOptions } from './edit-options.ts';
import { freeGuestAddress } from './free-address.ts';
import type { Hostdev } from './hostdev.ts';
import { hostdevShape, propertiesShape, removeOptions } from './hostdev-shape.ts';
import { formatHostdev, type FormatHostdevOptions, hostdevElement } from './format-hostdev.ts';
import { overrideProperties, withoutOverride } from './override.ts';
import type { QemuProperties } from './qemu-property.ts';
import { misspelt } from './rules/names.ts';
import { mdevsUnsupported } from './rules/qemu.ts';
import { insertElements, removeElement } from './text-edit.ts';
import { notADomain } from './validate-domain.ts';

/** How {@link insertHostdev} reads and writes. */
export interface InsertOptions extends FormatHostdevOptions, EditOptions {
  /** `auto`: devices that can have an address in the guest, and have none, get a free one; else libvirt chooses. */
  readonly address?: 'auto' | undefined;
  /**
   * Properties of the devices in QEMU (`x-igd-opregion`: `on`), as `<qemu:override>`, which libvirt knows since 8.2. A device
   * without alias gets `ua-UUID`, by which the override finds it.
   */
  readonly properties?: QemuProperties | undefined;
}

const INSERT_ARGUMENTS = [
  bytes,
  v.union([hostdevShape, v.array(hostdevShape)]),
  optionsOf({
    dialect: dialectShape,
    file: optionalText,
    address: v.optional(v.literal('auto')),
    properties: propertiesShape,
  } satisfies ShapesOf<InsertOptions>),
];
const REMOVE_ARGUMENTS = [bytes, v.union([textShape, v.array(textShape)]), removeOptions];

/**
 * Inserts hostdevs before a domain's `</devices>`, with the file's indentation. All other characters stay unchanged. A
 * domain without `<devices>` gets it. A device that the domain already has as it is asked for is left.
 * @throws NodedevError `domain-invalid` when the document is no domain, its `<devices>` is misspelt, or no address is
 * known to be free; `hostdev-duplicate` when a uuid is already there with other settings; `hostdev-unsupported` when domains
 * of that type take no mediated devices; the reader's `xml-…` codes; `request-invalid`: an argument of another type.
 */
export function insertHostdev(
  domainText: string,
  hostdev: Hostdev | readonly Hostdev[],
  options: InsertOptions = {},
): string {
  return withArguments('insertHostdev', INSERT_ARGUMENTS, [domainText, hostdev, options], () =>
    withInserted(domainText, hostdev, options),
  );
}

function withInserted(
  domainText: string,
  hostdev: Hostdev | readonly Hostdev[],
  options: InsertOptions,
): string {
  const hostdevs = isList(hostdev) ? hostdev : [hostdev];
  const { file, properties = {} } = options;
  const { root, text } = readXml(domainText, { file });
  refuseDomain(root);
  refuseRepeats(hostdevs);
  const present = readDomain(root, namesOf(hostdevs)).hostdevs;
  const isOverriding = Object.keys(properties).length > 0;
  const wanted = hostdevs.map((one) =>
    isOverriding ? { ...one, alias: one.alias ?? `ua-${one.uuid}` } : one,
  );
  const missing = wanted.filter((one) => !isThere(one, present));
  const inserted =
    options.address === 'auto'
      ? missing.reduce((before, one) => {
          const read = readXml(before, { file });
          return insertInto(read.root, read.text, [addressed(read.root, one)], options);
        }, text)
      : insertInto(root, text, missing, options);
  return isOverriding
    ? wanted.reduce(
        (before, { alias = '' }) => overrideProperties(before, alias, properties),
        inserted,
      )
    : inserted;
}

/**
 * Takes devices out of a domain: their hostdevs, and what `<qemu:override>` says of them. All other characters stay
 * unchanged. Uuids that the domain does not name are passed over.
 * @throws NodedevError `domain-invalid`; the reader's `xml-…` codes
 */
export function removeHostdev(
  domainText: string,
  uuid: string | readonly string[],
  options: RemoveOptions = {},
): string {
  checkArguments('removeHostdev', REMOVE_ARGUMENTS, [domainText, uuid, options]);
  const uuids = new Set(typeof uuid === 'string' ? [uuid] : uuid);
  const { root, text } = readXml(domainText, { file: options.file });
  if (root.name !== 'domain') throw notADomain(root);
  const { functions = {} } = options;
  const { hostdevs } = readDomain(root, (name) => functions[name]);
  const gone = hostdevs.filter((one) => uuids.has(one.uuid ?? ''));
  // From the end, so that the ranges of those before stay right.
  const left = gone.toReversed().reduce((rest, { element }) => removeElement(rest, element), text);
  return gone.reduce((rest, { alias }) => (alias ? withoutOverride(rest, alias) : rest), left);
}

function addressed(root: XmlElement, hostdev: Hostdev): Hostdev {
  const { model, address } = hostdev;
  if (address !== undefined || model === 'vfio-ap') return hostdev;
  const free = freeGuestAddress(readDomain(root), model);
  if (free !== undefined) return { ...hostdev, address: free };
  throw new NodedevError('domain-invalid', 'no address is known to be free in this domain', {
    location: root.location,
    hint: 'Leave the address to libvirt, or write one. Validate the domain to see what is wrong with its controllers.',
  });
}

function insertInto(
  root: XmlElement,
  text: string,
  hostdevs: readonly Hostdev[],
  options: FormatHostdevOptions,
): string {
  if (hostdevs.length === 0) return text;
  const elements = hostdevs.map((one) => hostdevElement(one, options));
  const devices = childElements(root, 'devices')[0];
  return devices === undefined
    ? insertElements(text, root, [buildElement('devices', {}, elements)])
    : insertElements(text, devices, elements);
}

/** Refuses what is no domain, takes no mediated devices, or has something else where `<devices>` belongs. */
function refuseDomain(root: XmlElement): void {
  if (root.name !== 'domain') throw notADomain(root);
  const unsupported = mdevsUnsupported(attributeOf(root, 'type'));
  if (unsupported !== undefined) {
    throw new NodedevError('hostdev-unsupported', unsupported.message, {
      location: root.location,
      hint: unsupported.hint,
    });
  }
  if (childElements(root, 'devices').length > 0) return;
  const meant = misspelt(root, 'devices');
  if (meant === undefined) return;
  const line = meant.location === undefined ? '' : ` in line ${meant.location.line}`;
  throw new NodedevError('domain-invalid', 'the domain has no <devices>', {
    location: meant.location,
    hint: `<${meant.name}>${line} is meant to be <devices>: libvirt ignores it as it is. Rename it.`,
  });
}

/** The uuids of functions among these, by their addresses. */
function namesOf(hostdevs: readonly Hostdev[]): UuidOfName {
  const uuids = new Map(
    hostdevs.flatMap(({ function: place, uuid }): [string, string][] =>
      place === undefined ? [] : [[pciAddressText(place), uuid]],
    ),
  );
  return (name) => uuids.get(name);
}

function refuseRepeats(hostdevs: readonly Hostdev[]): void {
  const uuids = hostdevs.map(({ uuid }) => uuid);
  const repeated = uuids.find((uuid, index) => uuids.indexOf(uuid) < index);
  if (repeated !== undefined) throw duplicate(repeated);
}

/**
 * Whether a domain has the device with all that is asked for. What is not asked for may be as it is.
 *
 * @throws NodedevError `hostdev-duplicate` when it has the device with other settings
 */
function isThere(wanted: Hostdev, present: readonly DomainHostdev[]): boolean {
  const existing = present.find(({ uuid }) => uuid === wanted.uuid);
  if (existing === undefined) return false;
  const { mdev } = existing;
  const asked = Object.fromEntries(
    Object.entries(wanted).filter(([, value]) => value !== undefined),
  );
  if (mdev === undefined) throw duplicate(wanted.uuid, existing);
  const { model = 'vfio-pci' } = mdev;
  const now = { ...mdev, model };
  if (formatHostdev({ ...now, ...asked }) !== formatHostdev(now)) {
    throw duplicate(wanted.uuid, existing, ' with other settings');
  }
  return true;
}

export function duplicate(uuid: string, existing?: DomainHostdev, how = ''): NodedevError {
  return new NodedevError(
    'hostdev-duplicate',
    `mediated device ${uuid} is already in the domain${how}`,
    {
      location: existing?.uuidNode?.location ?? existing?.location,
      hint: 'A mediated device goes into a domain once. Take it out first to change its settings.',
    },
  );
}

function isList(value: Hostdev | readonly Hostdev[]): value is readonly Hostdev[] {
  return Array.isArray(value);
}
