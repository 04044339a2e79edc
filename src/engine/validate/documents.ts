import { type Domain, readDomain } from '../../domain/domain.ts';
import type { HostView } from '../../domain/host-view.ts';
import { type Issue, issuesOf, NodedevError } from '../../errors.ts';
import type { XmlElement } from '../../xml/element.ts';
import { readXml } from '../../xml/read.ts';
import { sourceList } from '../devices/sources.ts';
import type { DocumentReport, Sources, ValidateSourcesOptions } from '../types.ts';
import { validateTree } from './document.ts';

/**
 * Checks documents of all kinds as `validateDocument` does, and the domains among them against each other: a device
 * is in one of them only.
 *
 * @returns a report of each source, in order
 * @throws NodedevError `schema-invalid`
 */
export function validateDocuments(
  sources: Sources,
  options: ValidateSourcesOptions & { readonly host?: HostView | undefined } = {},
): readonly DocumentReport[] {
  const documents = sourceList(sources).map(({ text, file }) => ({ file, ...read(text, file) }));
  const domains = documents.flatMap(({ domain }) => domain ?? []);
  return documents.map(({ file, root, domain, issues }) => {
    if (root === undefined) return { file, issues };
    const others = domains.filter((other) => other !== domain);
    return { file, issues: validateTree(root, { ...options, domains: others }) };
  });
}

interface ReadDocument {
  /** Undefined when the document is no XML, which `issues` say. */
  readonly root: XmlElement | undefined;
  readonly domain: Domain | undefined;
  readonly issues: readonly Issue[];
}

function read(text: string | Uint8Array, file: string | undefined): ReadDocument {
  try {
    const { root } = readXml(text, { file });
    const domain = root.name === 'domain' ? readDomain(root) : undefined;
    return { root, domain, issues: [] };
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    return { root: undefined, domain: undefined, issues: issuesOf(error) };
  }
}
