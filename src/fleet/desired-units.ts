import { usageOf } from '../domain/usage.ts';
import type { XmlElement } from '../xml/element.ts';
import { parseDomain } from '../domain/parse-domain.ts';
import { desiredGroup } from '../engine/devices/request.ts';
import { sourceList } from '../engine/devices/source-list.ts';
import type { Sources, SourceText } from '../engine/sources.ts';
import type { Location } from '../errors.ts';
import { parseNodeDeviceElement, nodeDeviceElements } from '../nodedev/parse.ts';
import { locationOf } from '../nodedev/location.ts';
import type { PlacementRequest } from '../plan/placement.ts';
import { readXml } from '../xml/read.ts';
import { hostOfDomain } from './domain-host.ts';
import type { HostChoice } from './fleet.ts';
import { hostsDiffer } from './messages.ts';

/** What goes to one host together: the devices of a group, the domains that use them, and all that these have in common with others. */
export interface DesiredUnit {
  /** For messages: a domain, a group or a uuid. */
  readonly name: string;
  readonly uuids: readonly string[];
  /** Devices that its domains use, and no document describes. */
  readonly used: readonly string[];
  readonly requests: readonly PlacementRequest[];
  readonly choice: HostChoice;
  /** Why no host can be chosen for it, as a sentence's end. */
  readonly fixed: string | undefined;
  readonly location: Location | undefined;
  readonly parts: readonly DocumentPart[];
}

/** An element of a document; without range it is the whole document. */
interface DocumentPart {
  readonly source: SourceText;
  readonly range: readonly [start: number, end: number] | undefined;
}

/** A device or a domain by itself. Those with a key in common are one unit. */
interface Item extends Omit<DesiredUnit, 'parts'> {
  readonly keys: readonly string[];
  readonly part: DocumentPart;
}

/**
 * The units of a desired state, in the order of their first documents.
 *
 * @throws NodedevError as reading a desired state does; `request-invalid` when devices of one unit are to be on different hosts
 */
export function desiredUnits(sources: Sources): readonly DesiredUnit[] {
  const read = sourceList(sources).map((source) => ({
    source: asText(source),
    root: readXml(source.text, { file: source.file }).root,
  }));
  const aliases = new Map<string, string>();
  const devices = read.flatMap(({ source, root }) =>
    root.name === 'domain'
      ? []
      : nodeDeviceElements(root).map((element) =>
          deviceItem(source, element, element === root ? undefined : element.range, aliases),
        ),
  );
  const domains = read.flatMap(({ source, root }) =>
    root.name === 'domain' ? [domainItem(source, aliases)] : [],
  );
  const described = new Set(devices.flatMap(({ uuids }) => uuids));
  return joined([...devices, ...domains]).map((items) => unitOf(items, described));
}

/**
 * The documents of these units as their host reads them: what is of other units is blank, so that all stands where it stood.
 */
export function documentsOf(units: readonly DesiredUnit[]): readonly SourceText[] {
  const ranges = new Map<SourceText, DocumentPart['range'][]>();
  for (const { source, range } of units.flatMap(({ parts }) => parts)) {
    ranges.set(source, [...(ranges.get(source) ?? []), range]);
  }
  return [...ranges].map(([source, kept]) => {
    if (kept.includes(undefined)) return source;
    const text = String(source.text);
    const all = nodeDeviceElements(readXml(text, { file: source.file }).root);
    const starts = new Set(kept.map((range) => range?.[0]));
    const others = all.flatMap(({ range }) => (range && !starts.has(range[0]) ? [range] : []));
    let blank = '';
    let at = 0;
    for (const [start, end] of others) {
      blank +=
        text.slice(at, start) +
        text.slice(start, end).replace(/[^\r\n]/gu, (each) => ' '.repeat(each.length));
      at = end;
    }
    return { text: blank + text.slice(at), file: source.file };
  });
}

/** Bytes are decoded once, so that ranges are those of the text. */
function asText({ text, file }: SourceText): SourceText {
  if (typeof text === 'string') return { text, file };
  return { text: new TextDecoder('utf-8', { ignoreBOM: false }).decode(text), file };
}

function deviceItem(
  source: SourceText,
  element: XmlElement,
  range: DocumentPart['range'],
  aliases: Map<string, string>,
): Item {
  const device = parseNodeDeviceElement(element);
  const { host, name = '' } = device;
  const choice = { name: host?.name, labels: host?.labels ?? [] };
  const part = { source, range };
  const location = locationOf(device);
  if (device.capabilities.some(({ kind }) => kind === 'vgpu')) {
    const fixed = 'sets a card up';
    return { name, uuids: [], used: [], requests: [], choice, fixed, location, part, keys: [] };
  }
  const { group, devices } = desiredGroup([device]);
  const uuids = devices.flatMap(({ uuid }) => uuid ?? []);
  for (const { alias, uuid } of devices) {
    if (alias !== undefined && uuid !== undefined) aliases.set(alias, uuid);
  }
  const isNamed = devices.some(({ parent }) => parent !== undefined);
  const fixed = isNamed
    ? 'has a <parent>, which is a name of one host'
    : uuids.length < devices.length
      ? 'has no <uuid>, by which it could be found again'
      : undefined;
  return {
    name: group ?? uuids[0] ?? name,
    uuids,
    used: [],
    requests: devices.map(({ type }) => ({ type, count: 1 })),
    choice,
    fixed,
    location,
    part,
    keys: [...uuids, ...(group === undefined ? [] : [`group ${group}`])],
  };
}

function domainItem(source: SourceText, aliases: ReadonlyMap<string, string>): Item {
  const domain = parseDomain(source.text, {
    file: source.file,
    uuidOf: (name) => aliases.get(name),
  });
  const used = domain.hostdevs.flatMap(({ type, uuid }) =>
    type === 'mdev' && uuid !== undefined ? [uuid] : [],
  );
  const hasFunctions = usageOf(domain).functions.length > 0;
  return {
    name: domain.name ?? '',
    uuids: [],
    used,
    requests: [],
    choice: hostOfDomain(domain.element),
    fixed: hasFunctions ? 'uses PCI functions, whose addresses are those of one host' : undefined,
    location: domain.element.location,
    part: { source, range: undefined },
    keys: [...used, `domain ${domain.name ?? ''}`],
  };
}

/** The items that have keys in common, directly or through others. */
function joined(items: readonly Item[]): readonly (readonly Item[])[] {
  const groups = new Map<string, Item[]>();
  const all = new Set<Item[]>();
  for (const item of items) {
    const found = new Set(item.keys.flatMap((key) => groups.get(key) ?? []));
    const lists = new Set(
      item.keys.flatMap((key) => (groups.has(key) ? [groups.get(key) ?? []] : [])),
    );
    const merged = [...found, item];
    for (const list of lists) all.delete(list);
    all.add(merged);
    for (const each of merged) for (const key of each.keys) groups.set(key, merged);
  }
  return [...all];
}

function unitOf(items: readonly Item[], described: ReadonlySet<string>): DesiredUnit {
  const names = new Set(items.flatMap(({ choice }) => choice.name ?? []));
  // A domain tells people most; then a group.
  const [first] = items.toSorted((one, other) => other.used.length - one.used.length);
  const name = first?.name ?? '';
  const located = items.find(({ choice }) => choice.name !== undefined);
  if (names.size > 1) throw hostsDiffer(name, [...names], located?.location);
  return {
    name,
    uuids: items.flatMap(({ uuids }) => uuids),
    used: [...new Set(items.flatMap(({ used }) => used))].filter((uuid) => !described.has(uuid)),
    requests: alike(items.flatMap(({ requests }) => requests)),
    choice: {
      name: [...names][0],
      labels: [...new Set(items.flatMap(({ choice }) => choice.labels))],
    },
    fixed: items.find(({ fixed }) => fixed !== undefined)?.fixed,
    location: items[0]?.location,
    parts: items.map(({ part }) => part),
  };
}

/** Requests for the same type are one. */
function alike(requests: readonly PlacementRequest[]): readonly PlacementRequest[] {
  const counts = new Map<string, PlacementRequest>();
  for (const request of requests) {
    const key = JSON.stringify(request.type);
    const count = (counts.get(key)?.count ?? 0) + (request.count ?? 1);
    counts.set(key, { type: request.type, count });
  }
  return [...counts.values()];
}
