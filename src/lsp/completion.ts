import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver';
import { rootNames } from '../engine/validate/document.ts';
import { OWN_SCHEMAS } from '../engine/validate/own-schemas.ts';
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
  const named = host === undefined ? undefined : namesFor(place);
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

/** Which names of a host belong to a place; undefined: none. */
function namesFor({
  path,
  at,
  attribute,
}: UnfinishedPlace): ((host: HostNames) => readonly NamedEntry[]) | undefined {
  const element = path.at(-1);
  const plain = (names: readonly string[]): readonly NamedEntry[] =>
    names.map((name) => ({ name }));
  if (at === 'content' && element?.name === 'parent') return ({ parents }) => plain(parents);
  if (at === 'content' && element?.name === 'group') return ({ groups }) => plain(groups);
  if (at !== 'value') return undefined;
  if (element?.name === 'type' && attribute === 'id') return ({ types }) => types;
  if (element?.name === 'address' && attribute === 'uuid' && isMdevSource(path)) {
    return ({ devices }) => devices;
  }
  return undefined;
}

function isMdevSource(path: readonly XmlElement[]): boolean {
  const [hostdev, source] = path.slice(-3);
  return (
    source?.name === 'source' &&
    hostdev?.name === 'hostdev' &&
    attributeOf(hostdev, 'type') === 'mdev'
  );
}
