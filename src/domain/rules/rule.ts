import type { DomainRuleCode } from '../../codes.ts';
import type { Fix, Severity } from '../../errors.ts';
import { nearMiss } from '../../suggest.ts';
import type { XmlAttribute, XmlElement } from '../../xml/element.ts';
import { childElements } from '../../xml/element.ts';
import type { Domain, DomainHostdev } from '../domain.ts';
import type { HostPicture } from '../../policy/picture.ts';
import type { DomainIdentity } from '../../policy/domain-ref.ts';

/** When a mistake is found: while libvirt reads, completes or checks the domain, at its start, or never. */
export type Stage =
  | 'parse'
  | 'post-parse'
  | 'validate'
  | 'qemu'
  | 'start'
  | 'ignored'
  | 'host'
  | 'other-domains';

/** Rules each of which looks at one device after the other. */
export const perDevice = (rules: readonly Rule[]): readonly Rule[] =>
  rules.map((rule) => ({ ...rule, isPerDevice: true }));

/** A check for one kind of mistake in a domain. */
export interface Rule {
  readonly code: DomainRuleCode;
  readonly severity: Severity;
  readonly stage: Stage;
  /** The rule, in one line. */
  readonly summary: string;
  /** The source of the rule: the function in libvirt or QEMU, or the vendor's page. */
  readonly source: string;
  /** What it finds at a device depends on nothing else: not on the rest of the domain, a host or other domains. */
  readonly isPerDevice?: true;
  /** Finds everything that breaks the rule. */
  readonly check: (context: RuleContext) => readonly Finding[];
}

/** The input of a rule. */
export interface RuleContext {
  readonly domain: Domain;
  /** Undefined: the domain is checked without a host. */
  readonly host?: HostPicture | undefined;
  /** Other domains that name a device; only a few when there are many. */
  readonly others: (uuid: string) => readonly DomainIdentity[];
  /** Other domains of the same uuid. */
  readonly copies: readonly DomainIdentity[];
}

/** Something that breaks a rule. */
export interface Finding {
  readonly message: string;
  /** The element or attribute that the message points at. */
  readonly at: FindingNode;
  readonly hint?: string | undefined;
  /** What the hint says, where that needs no decision. */
  readonly fix?: Fix | undefined;
}

/** For hints that say to remove what they point at. */
export const REMOVAL: Fix = { kind: 'removal' };

/** For a hint that says to write a value for what it points at. */
export const valueFix = (value: string): Fix => ({ kind: 'value', value });

/** For a hint that says to set an attribute of the element. */
export const attributeFix = (name: string, value: string): Fix => ({
  kind: 'attribute',
  name,
  value,
});

/** A node that a finding points at. */
export type FindingNode = XmlElement | XmlAttribute;

/** One finding, or none when there is no node to point at. */
export function found(
  at: FindingNode | undefined,
  message: string,
  hint?: string,
  fix?: Fix,
): readonly Finding[] {
  return at === undefined ? [] : [{ message, at, hint, fix }];
}

/** The hostdevs that are mediated devices in libvirt's form, also those with mistakes. */
export function mediatedHostdevs(domain: Domain): readonly DomainHostdev[] {
  return domain.hostdevs.filter(({ type, form }) => type === 'mdev' && form === 'libvirt');
}

/** An attribute with its location. */
export function attribute(element: XmlElement, name: string): XmlAttribute | undefined {
  return element.attributes.find((candidate) => candidate.name === name);
}

/** The first child element of that name. */
export function child(element: XmlElement, name: string): XmlElement | undefined {
  return childElements(element, name)[0];
}

/** The node that names the mediated device of a hostdev; else the hostdev. */
export function uuidNode(hostdev: DomainHostdev): FindingNode {
  return hostdev.uuidNode ?? hostdev.element;
}

/** A finding for an attribute whose value is not allowed, in the words of libvirt's virXMLPropEnum. */
export function enumFindings(
  element: XmlElement,
  name: string,
  allowed: readonly string[],
): readonly Finding[] {
  const at = attribute(element, name);
  if (at === undefined || allowed.includes(at.value)) return [];
  const near = nearMiss(at.value, allowed);
  return found(
    at,
    `Invalid value for attribute '${name}' in element '${element.name}': '${at.value}'.`,
    `Use one of: ${allowed.join(', ')}.`,
    near === undefined ? undefined : valueFix(near),
  );
}

/** The items that have the same key as an earlier item, each with that item. */
export function duplicates<T>(
  items: readonly T[],
  keyOf: (item: T) => string | number | undefined,
): readonly { readonly item: T; readonly first: T }[] {
  const seen = new Map<string | number, T>();
  return items.flatMap((item) => {
    const key = keyOf(item);
    if (key === undefined) return [];
    const first = seen.get(key);
    if (first !== undefined) return [{ item, first }];
    seen.set(key, item);
    return [];
  });
}

/** `line 12`, or `another place` for a tree built by a program. */
export function lineOf(node: FindingNode): string {
  return node.location === undefined ? 'another place' : `line ${node.location.line}`;
}
