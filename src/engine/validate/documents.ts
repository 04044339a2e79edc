import { readDomain } from '../../domain/domain.ts';
import type { HostPicture } from '../../policy/picture.ts';
import type { DomainIdentity } from '../../policy/domain-ref.ts';
import { OtherDomains } from '../../domain/other-domains.ts';
import { sourceList } from '../devices/source-list.ts';
import type { DocumentReport, Sources, ValidateSourcesOptions } from '../sources.ts';
import { validateText, validateTree, type ValidateTreeOptions } from './document.ts';
import { schemasFor } from './schemas.ts';

/**
 * Checks documents of all kinds as `validateDocument` does, and compares the domains among them: a device may be in one of
 * them only. Element trees are not kept; a domain that shares devices with others is read again. So the memory needed is
 * that of the texts.
 *
 * @returns a report of each source, in order
 * @throws NodedevError `schema-invalid`
 */
export function validateDocuments(
  sources: Sources,
  options: ValidateSourcesOptions & {
    readonly host?: HostPicture | undefined;
    readonly devices?: ValidateTreeOptions['devices'];
  } = {},
): readonly DocumentReport[] {
  const schemas = schemasFor(options.schema ?? 'ours');
  const others = new OtherDomains();
  const first = sourceList(sources).map((source) => {
    let domain: NamingDomain | undefined;
    const issues = validateText(source.text, source.file, (root) => {
      if (root.name === 'domain') {
        const { name, uuid, hostdevs } = readDomain(root, options.host?.uuidOf);
        domain = { self: { name, uuid }, devices: hostdevs.flatMap((one) => one.uuid ?? []) };
        others.add(domain.self, domain.devices);
      }
      return validateTree(root, { host: options.host, devices: options.devices }, schemas);
    });
    return { source, domain, issues };
  });
  return first.map(({ source, domain, issues }) => ({
    file: source.file,
    issues:
      domain === undefined || !concernsOthers(domain, others, options.host)
        ? issues
        : validateText(source.text, source.file, (root) =>
            validateTree(root, { host: options.host, others, self: domain.self }, schemas),
          ),
  }));
}

interface NamingDomain {
  readonly self: DomainIdentity;
  /** Uuids of the devices that it names. */
  readonly devices: readonly string[];
}

/** Whether another domain names one of its devices, or another member of their groups. */
function concernsOthers(
  { self, devices }: NamingDomain,
  others: OtherDomains,
  host: HostPicture | undefined,
): boolean {
  if (others.copiesOf(self).length > 0) return true;
  return devices.some((uuid) => {
    const group = host?.active(uuid)?.group;
    const isShared = group !== undefined && (host?.group(group).members.length ?? 0) > 1;
    return isShared || others.naming(uuid, self).length > 0;
  });
}
