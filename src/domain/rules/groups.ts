import type { DomainIdentity } from '../../policy/domain-ref.ts';
import { domainNames } from '../other-domains.ts';
import { activeDevices } from './host.ts';
import { child, found, type Rule, type RuleContext, uuidNode } from './rule.ts';

/** The members of a group that the domain does not use stay unused, since no other domain may use them. */
const groupIncomplete: Rule = {
  code: 'mdev-group-incomplete',
  severity: 'warning',
  stage: 'host',
  summary: 'a domain has all members of a group',
  source: 'ARCHITECTURE.md: groups',
  check: (context) => {
    const { host, domain } = context;
    const reported = new Set<string>();
    const named = new Set(domain.hostdevs.map(({ uuid }) => uuid));
    return activeDevices(context).flatMap(({ hostdev, device: { group } }) => {
      if (host === undefined || group === undefined || reported.has(group)) return [];
      reported.add(group);
      const missing = host.group(group).members.filter((member) => !named.has(member));
      return missing.length === 0
        ? []
        : found(
            uuidNode(hostdev),
            `group ${group} has devices this domain does not name: ${missing.join(', ')}`,
            'Nobody else gets them; add them here, or put them into another group.',
          );
    });
  },
};

/** libvirt accepts both domains and starts either of them, but not both: "mediated device %s is in use by driver %s, domain %s". */
const inTwoDomains: Rule = {
  code: 'mdev-in-two-domains',
  severity: 'warning',
  stage: 'other-domains',
  summary: 'a mediated device is in one domain',
  source: 'libvirt src/util/virmdev.c: virMediatedDeviceListMarkDevices',
  check: ({ domain, others }) =>
    domain.hostdevs.flatMap((hostdev) => {
      const { uuid } = hostdev;
      const naming = uuid === undefined ? [] : others(uuid);
      return uuid === undefined || naming.length === 0
        ? []
        : found(
            uuidNode(hostdev),
            `mediated device ${uuid} is in ${domainNames(naming)} too`,
            'Only one of them can run; give each domain a device of its own.',
          );
    }),
};

/** "domain '%s' is already defined with uuid %s" */
const uuidTwice: Rule = {
  code: 'domain-uuid-twice',
  severity: 'error',
  stage: 'other-domains',
  summary: 'a uuid is that of one domain',
  source: 'libvirt src/conf/virdomainobjlist.c: virDomainObjListAddLocked',
  check: ({ domain, copies }) =>
    copies.length === 0
      ? []
      : found(
          child(domain.element, 'uuid'),
          `${domainNames(copies)} ${copies.length === 1 ? 'has' : 'have'} the uuid ${domain.uuid ?? ''} too`,
          'Give the copy a uuid of its own, or leave <uuid> out and libvirt makes one.',
        ),
};

/** All members of a group must be used by one domain. */
const groupSplit: Rule = {
  code: 'mdev-group-split',
  severity: 'error',
  stage: 'other-domains',
  summary: 'the members of a group are in one domain',
  source: 'ARCHITECTURE.md: groups',
  check: (context) => {
    const { host, others } = context;
    if (host === undefined) return [];
    const splits = new Map<string, readonly Split[]>();
    return activeDevices(context).flatMap(({ hostdev, device: { group, uuid } }) => {
      if (group === undefined) return [];
      const known = splits.get(group) ?? splitsOf(host.group(group).members, others);
      splits.set(group, known);
      const naming = new Set(known.filter(({ member }) => member !== uuid).map(({ by }) => by));
      return naming.size === 0
        ? []
        : found(
            uuidNode(hostdev),
            `group ${group} is split: other members of it are in ${domainNames([...naming])}`,
            'Give all members to one domain, or create the devices in groups of their own.',
          );
    });
  },
};

/** A member of a group, and another domain that names it. */
interface Split {
  readonly member: string;
  readonly by: DomainIdentity;
}

/** Enough members to name a few domains. */
function splitsOf(members: readonly string[], others: RuleContext['others']): readonly Split[] {
  const splits: Split[] = [];
  for (const member of members) {
    splits.push(...others(member).map((by) => ({ member, by })));
    if (splits.length >= 16) break;
  }
  return splits;
}

/** The rule about groups in one domain. */
export const groupRules: readonly Rule[] = [groupIncomplete];

/** The rules about several domains. */
export const sharingRules: readonly Rule[] = [uuidTwice, inTwoDomains, groupSplit];
