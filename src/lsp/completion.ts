import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver';
import { rootNames } from '../engine/validate/document.ts';
import { type DocumentKind, OWN_SCHEMAS } from '../engine/validate/own-schemas.ts';
import { attributeOf, type XmlElement } from '../xml/element.ts';
import { type UnfinishedPlace, unfinishedPlace } from '../xml/unfinished.ts';
import { kindOf } from './documents.ts';

/** What a host has, for the places of documents that name it. */
export interface HostNames {
  /** Node device names. */
  readonly parents: readonly string[];
  readonly types: readonly NamedEntry[];
  /** Uuids of devices. */
  readonly devices: readonly NamedEntry[];
  /** Node device names of the same. */
  readonly names: readonly NamedEntry[];
  readonly groups: readonly string[];
}

interface NamedEntry {
  readonly name: string;
  /** What it is, in a word or two. */
  readonly detail?: string | undefined;
}

/**
 * What can come at an offset of a document: elements, attributes and values of the schema, names of the host.
 *
 * @param host asked for where its names belong; undefined: there is no connection
 */
export async function completionsAt(
  text: string,
  offset: number,
  host: (() => Promise<HostNames>) | undefined,
): Promise<readonly CompletionItem[]> {
  const kind = kindOf(text);
  const place = unfinishedPlace(text, offset);
  if (place.at === 'element' && place.path.length === 0) {
    return items(rootNames(), CompletionItemKind.Class);
  }
  if (place.at === 'end') return endOf(place);
  const named = host === undefined ? undefined : namesFor(place, kind);
  if (host !== undefined && named !== undefined) return entriesOf(named(await host()));
  const possible =
    kind === undefined ? undefined : OWN_SCHEMAS.of(kind).possible(wholePath(place.path));
  if (possible === undefined) return [];
  switch (place.at) {
    case 'element':
      return items(possible.elements, CompletionItemKind.Class);
    case 'attribute':
      return items(possible.attributes, CompletionItemKind.Property);
    case 'value':
      return items(possible.valuesOf(place.attribute ?? ''), CompletionItemKind.EnumMember);
    case 'content':
      return items(possible.texts, CompletionItemKind.EnumMember);
    case undefined:
      return [];
  }
}

const openElement = (name: string): XmlElement => ({
  kind: 'element',
  name,
  attributes: [],
  children: [],
});

/** The path in a whole document: hostdevs may stand alone, or in `<hostdevs>`. */
function wholePath(path: readonly XmlElement[]): readonly XmlElement[] {
  const inDomain = [openElement('domain'), openElement('devices')];
  const [root, ...rest] = path;
  if (root?.name === 'hostdev') return [...inDomain, root, ...rest];
  return root?.name === 'hostdevs' ? [...inDomain, ...rest] : path;
}

/** The innermost open element is what an end tag closes. */
const endOf = ({ path }: UnfinishedPlace): readonly CompletionItem[] =>
  items(
    path.slice(-1).map(({ name }) => name),
    CompletionItemKind.Class,
  );

const items = (names: readonly string[], kind: CompletionItemKind): readonly CompletionItem[] =>
  names.map((label) => ({ label, kind }));

const entriesOf = (entries: readonly NamedEntry[]): readonly CompletionItem[] =>
  entries.map(({ name, detail }) => ({
    label: name,
    kind: CompletionItemKind.Reference,
    ...(detail === undefined ? {} : { detail }),
  }));

/** Which names of a host belong to a place; undefined: none. Profiles are of other hosts. */
function namesFor(
  { path, at, attribute }: UnfinishedPlace,
  kind: DocumentKind | undefined,
): ((host: HostNames) => readonly NamedEntry[]) | undefined {
  const element = path.at(-1)?.name ?? '';
  const around = path.at(-2);
  if (kind === 'device' && at === 'content' && Object.hasOwn(DEVICE_TEXTS, element)) {
    const inMdev = around?.name === 'capability' && attributeOf(around, 'type') === 'mdev';
    const isHere = inMdev
      ? !IN_DEVICE.has(element)
      : around?.name === 'device' && IN_DEVICE.has(element);
    return isHere ? DEVICE_TEXTS[element] : undefined;
  }
  if (kind === 'device' && at === 'value' && element === 'type' && attribute === 'id') {
    return ({ types }) => types;
  }
  if (kind !== 'domain' || around?.name !== 'source') return undefined;
  if (at === 'value' && element === 'address' && attribute === 'uuid' && isMdevSource(path)) {
    return ({ devices }) => devices;
  }
  // The form of 2016.
  if (at !== 'content' || attributeOf(around, 'type') !== 'mdev') return undefined;
  return element === 'uuid' || element === 'name' ? DEVICE_TEXTS[element] : undefined;
}

const plain = (names: readonly string[]): readonly NamedEntry[] => names.map((name) => ({ name }));

/** What the texts of a node device's elements name. */
const DEVICE_TEXTS: Readonly<Record<string, (host: HostNames) => readonly NamedEntry[]>> = {
  name: ({ names }) => names,
  parent: ({ parents }) => plain(parents),
  uuid: ({ devices }) => devices,
  group: ({ groups }) => plain(groups),
};

/** Those of `<device>` itself; the others are of `<capability type='mdev'>`. */
const IN_DEVICE: ReadonlySet<string> = new Set(['name', 'parent']);

function isMdevSource(path: readonly XmlElement[]): boolean {
  const hostdev = path.at(-3);
  return hostdev?.name === 'hostdev' && attributeOf(hostdev, 'type') === 'mdev';
}
