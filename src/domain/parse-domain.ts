import * as v from 'valibot';
import { bytes, checkArguments, optionalText, optionsOf, type ShapesOf } from '../arguments.ts';
import { NodedevError } from '../errors.ts';
import { readXml } from '../xml/read.ts';
import type { XmlElement } from '../xml/element.ts';
import { type Domain, readDomain } from './domain.ts';
import type { Hostdev } from './hostdev.ts';
import type { UuidOfName } from './hostdev-xml.ts';
import { domainAround } from './snippet.ts';
import { notADomain, parseErrors } from './validate-domain.ts';

/** How domain XML is read. */
export interface ParseDomainOptions {
  /** The file's name for messages. */
  readonly file?: string | undefined;
  /** The uuid of a device that the thread's form names by its name on the host: `<source type='mdev'><name>`. */
  readonly uuidOf?: UuidOfName | undefined;
}

const ARGUMENTS = [
  bytes,
  optionsOf({
    file: optionalText,
    uuidOf: v.optional(v.function()),
  } satisfies ShapesOf<ParseDomainOptions>),
];

/**
 * Reads a domain: its host devices of all types, and what their checks need. Unknown elements stay in the element tree.
 * @throws NodedevError `domain-invalid` for a document that is no domain, or one libvirt would not read (all
 * mistakes in `issues`); the reader's `xml-…` codes.
 */
export function parseDomain(text: string | Uint8Array, options: ParseDomainOptions = {}): Domain {
  checkArguments('parseDomain', ARGUMENTS, [text, options]);
  const { root } = readXml(text, { file: options.file });
  if (root.name !== 'domain') throw notADomain(root);
  return parseDomainTree(root, options);
}

/**
 * The mediated devices of a `<domain>` or of a single `<hostdev>`, in either dialect.
 * @throws NodedevError as {@link parseDomain}
 */
export function parseHostdevs(
  text: string | Uint8Array,
  options: ParseDomainOptions = {},
): readonly Hostdev[] {
  checkArguments('parseHostdevs', ARGUMENTS, [text, options]);
  const { root } = readXml(text, { file: options.file });
  if (root.name === 'domain') return parseDomainTree(root, options).mdevs;
  if (root.name !== 'hostdev') throw notADomain(root);
  return parseDomainTree(domainAround([root]), options).mdevs;
}

function parseDomainTree(root: XmlElement, { uuidOf }: ParseDomainOptions): Domain {
  const domain = readDomain(root, uuidOf);
  const issues = parseErrors(domain);
  const [first] = issues;
  if (first === undefined) return domain;
  const { message, location, hint } = first;
  throw new NodedevError('domain-invalid', message, { location, hint, issues: issues.slice(1) });
}
