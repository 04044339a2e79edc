import type { DomainRuleCode } from '../../codes.ts';
import type { Severity } from '../../errors.ts';
import type { XmlAttribute, XmlElement } from '../../xml/element.ts';
import { childElements } from '../../xml/element.ts';
import type { Domain, DomainHostdev } from '../domain.ts';
import type { HostView } from '../host-view.ts';
import type { DomainIdentity } from '../other-domains.ts';

/** When the mistake would show: while libvirt reads, completes or checks the domain, at start, or never. */
export type Stage =
  | 'parse'
  | 'post-parse'
  | 'validate'
  | 'qemu'
  | 'start'
  | 'ignored'
  | 'host'
  | 'other-domains';

/** One thing that may be wrong with a domain. */
export interface Rule {
  readonly code: DomainRuleCode;
  readonly severity: Severity;
  readonly stage: Stage;
  /** What the rule says, in one line. */
  readonly summary: string;
  /** Who decides it: the function in libvirt or QEMU, or the vendor's page. */
  readonly source: string;
  /** Finds every place that breaks the rule. */
  readonly check: (context: RuleContext) => readonly Finding[];
}

/** What a rule looks at. */
export interface RuleContext {
  readonly domain: Domain;
  /** Undefined: checked without a host. */
  readonly host?: HostView | undefined;
  /** Other domains that name a device; some of them where they are many. */
  readonly others: (uuid: string) => readonly DomainIdentity[];
}

/** One place that breaks a rule. */
export interface Finding {
  readonly message: string;
  /** The element or attribute to point at. */
  readonly at: Place;
  readonly hint?: string | undefined;
}

/** What a finding points at. */
export type Place = XmlElement | XmlAttribute;

// --- what many rules ask ---

/** One finding when there is a place for it, else none. */
export function found(at: Place | undefined, message: string, hint?: string): readonly Finding[] {
  return at === undefined ? [] : [{ message, at, hint }];
}

/** The hostdevs that are mediated devices in libvirt's form, well written or not. */
export function mediated(domain: Domain): readonly DomainHostdev[] {
  return domain.hostdevs.filter(({ type, form }) => type === 'mdev' && form === 'libvirt');
}

/** An attribute with its place. */
export function attribute(element: XmlElement, name: string): XmlAttribute | undefined {
  return element.attributes.find((candidate) => candidate.name === name);
}

/** The first child element of that name. */
export function child(element: XmlElement, name: string): XmlElement | undefined {
  return childElements(element, name)[0];
}

/** Where the mediated device of a hostdev is named. */
export function uuidPlace(hostdev: DomainHostdev): Place {
  return hostdev.uuidPlace ?? hostdev.element;
}

/** A finding for an attribute whose value is none of those allowed; libvirt's virXMLPropEnum says it so. */
export function enumFindings(
  element: XmlElement,
  name: string,
  allowed: readonly string[],
): readonly Finding[] {
  const at = attribute(element, name);
  return at === undefined || allowed.includes(at.value)
    ? []
    : found(
        at,
        `Invalid value for attribute '${name}' in element '${element.name}': '${at.value}'.`,
        `Use one of: ${allowed.join(', ')}.`,
      );
}

/** The items whose key an earlier one has too, each with that earlier one. */
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
export function lineOf(node: Place): string {
  return node.location === undefined ? 'another place' : `line ${node.location.line}`;
}
