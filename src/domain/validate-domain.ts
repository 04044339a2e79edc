import { byLocation, type Issue, issuesOf, NodedevError } from '../errors.ts';
import type { XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';
import { type Domain, readDomain } from './domain.ts';
import type { KnownDevices } from './known-devices.ts';
import type { HostPicture } from '../policy/picture.ts';
import type { DomainIdentity } from '../policy/domain-ref.ts';
import { OtherDomains } from './other-domains.ts';
import { domainRules } from './rules/index.ts';
import { isQemuDomain } from './pci/machine.ts';
import type { Rule, RuleContext, Stage } from './rules/rule.ts';

/** What a domain is compared with. */
export interface ValidateDomainOptions {
  /** The file's name for messages. */
  readonly file?: string | undefined;
  readonly host?: HostPicture | undefined;
  /** Other domains that may name the same devices; one of the same uuid (or name) is the domain itself. */
  readonly domains?: readonly Domain[] | undefined;
}

/**
 * Checks a domain's host devices: it finds everything that stops the domain from working or has no effect. The issues have
 * exact locations and are sorted by them. Nothing is thrown: a document that is not well-formed, or no domain, is an issue
 * too (`xml-…`, `domain-invalid`).
 */
export function validateDomain(
  text: string | Uint8Array,
  options: ValidateDomainOptions = {},
): readonly Issue[] {
  let root: XmlElement;
  try {
    root = readXml(text, { file: options.file }).root;
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    return issuesOf(error);
  }
  if (root.name !== 'domain') return issuesOf(notADomain(root));
  const { host, domains } = options;
  return validateDomainTree(root, { host, others: new OtherDomains(domains) });
}

export interface ValidateDomainTreeOptions {
  readonly host?: HostPicture | undefined;
  readonly others?: OtherDomains | undefined;
  /** The domain itself as it is among the others; without it, one of the same uuid (or name). */
  readonly self?: DomainIdentity | undefined;
  /** Of a domain that is edited, and checked without a host. */
  readonly known?: KnownDevices | undefined;
}

/** {@link validateDomain} for a document that was read already. */
export function validateDomainTree(
  root: XmlElement,
  { host, others, self, known }: ValidateDomainTreeOptions = {},
): readonly Issue[] {
  const domain = known?.readDomain(root) ?? readDomain(root, host?.uuidOf);
  const context = {
    domain,
    host,
    others: (uuid: string) => others?.naming(uuid, self ?? domain) ?? [],
    copies: others?.copiesOf(self ?? domain) ?? [],
  };
  return applyRules(domainRules(), context, known);
}

/** The errors for which libvirt refuses to read the domain. */
export function parseErrors(domain: Domain): readonly Issue[] {
  const rules = domainRules().filter(
    ({ stage, severity }) => stage === 'parse' && severity === 'error',
  );
  return applyRules(rules, { domain, others: () => [], copies: [] });
}

/** The error for a document whose root element is not `<domain>`. */
export function notADomain(root: XmlElement): NodedevError {
  return new NodedevError('domain-invalid', `<${root.name}> is not a domain`, {
    location: root.location,
    hint: "The document's outermost element has to be <domain>.",
  });
}

/** What only QEMU or libvirt's driver for it refuses. */
const QEMU_STAGES: ReadonlySet<Stage> = new Set(['qemu', 'start']);

function applyRules(
  all: readonly Rule[],
  context: RuleContext,
  known?: KnownDevices,
): readonly Issue[] {
  const qemu = isQemuDomain(context.domain);
  const rules = all.filter(({ stage }) => qemu || !QEMU_STAGES.has(stage));
  const findings = known?.findings(rules, context) ?? rules.map(({ check }) => check(context));
  return rules
    .flatMap(({ code, severity }, index) =>
      (findings[index] ?? []).map(({ message, at, hint, fix }) => ({
        code,
        message,
        severity,
        location: at.location,
        hint,
        ...(fix && { fix }),
      })),
    )
    .toSorted(byLocation);
}
