import { nvidiaProfilesFitOneVm, parseNvidiaProfile } from '../../drivers/nvidia-profile.ts';
import { isSameDomain } from '../domain.ts';
import { activeDevices } from './host.ts';
import { found, lineOf, type Rule, uuidPlace } from './rule.ts';

/** Devices whose driver commits all of a VM's at once have to be in one group. */
const groupsDiffer: Rule = {
  code: 'mdev-groups-differ',
  severity: 'error',
  stage: 'host',
  summary: 'devices of one domain that need one group are in one group',
  source: 'ARCHITECTURE.md: groups; NVIDIA: "multiple vGPUs in a VM not supported" in the host log',
  check: (context) => {
    const [first, ...others] = activeDevices(context).filter(({ device }) => device.requiresGroup);
    if (first === undefined) return [];
    return others
      .filter(({ device }) => device.group === undefined || device.group !== first.device.group)
      .flatMap(({ hostdev, device }) =>
        found(
          uuidPlace(hostdev),
          `${nameOf(device.uuid, device.group)} and ${nameOf(first.device.uuid, first.device.group)} (${lineOf(first.hostdev.element)}) need one group`,
          'Create them together, or with the same <group>.',
        ),
      );
  },
};

/** The members of a group that are not given to the domain stay unused: nobody else gets them. */
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
      const missing = host.groupMembers(group).filter((member) => !named.has(member));
      return missing.length === 0
        ? []
        : found(
            uuidPlace(hostdev),
            `group ${group} has devices this domain does not name: ${missing.join(', ')}`,
            'Nobody else gets them; add them here, or put them into another group.',
          );
    });
  },
};

/** NVIDIA: several vGPUs of one VM may differ in size, not in board and series. */
const nvidiaMixed: Rule = {
  code: 'nvidia-vgpus-mixed',
  severity: 'error',
  stage: 'host',
  summary: 'NVIDIA vGPUs of one domain are of one board and one series',
  source:
    'https://docs.nvidia.com/ai-enterprise/release-8/8.1/infra-software/vgpu/features/multi-vgpu.html',
  check: (context) => {
    const [first, ...others] = activeDevices(context).flatMap(({ hostdev, device }) => {
      const profile =
        device.type.startsWith('nvidia-') && parseNvidiaProfile(device.typeName ?? '');
      return profile === false || profile === undefined ? [] : [{ hostdev, profile }];
    });
    if (first === undefined) return [];
    return others
      .filter(({ profile }) => !nvidiaProfilesFitOneVm(first.profile, profile))
      .flatMap(({ hostdev, profile }) =>
        found(
          uuidPlace(hostdev),
          `${profile.shortName} and ${first.profile.shortName} (${lineOf(first.hostdev.element)}) do not go into one VM: board and series differ`,
          `Take types of board ${first.profile.board}, series ${first.profile.series}.`,
        ),
      );
  },
};

/** libvirt accepts both, runs either, and refuses the second: "mediated device %s is in use by driver %s, domain %s". */
const inTwoDomains: Rule = {
  code: 'mdev-in-two-domains',
  severity: 'warning',
  stage: 'other-domains',
  summary: 'a mediated device is in one domain',
  source: 'libvirt src/util/virmdev.c: virMediatedDeviceListMarkDevices',
  check: ({ domain, others }) =>
    others
      .filter((other) => !isSameDomain(other, domain))
      .flatMap((other) => {
        const theirs = new Set(other.hostdevs.map(({ uuid }) => uuid));
        return domain.hostdevs
          .filter(({ uuid }) => uuid !== undefined && theirs.has(uuid))
          .flatMap((hostdev) =>
            found(
              uuidPlace(hostdev),
              `mediated device ${hostdev.uuid ?? ''} is in domain ${other.name ?? '(unnamed)'} too`,
              'Only one of them can run; give each domain a device of its own.',
            ),
          );
      }),
};

/** All members of a group go to one domain. */
const groupSplit: Rule = {
  code: 'mdev-group-split',
  severity: 'error',
  stage: 'other-domains',
  summary: 'the members of a group are in one domain',
  source: 'ARCHITECTURE.md: groups',
  check: (context) => {
    const { domain, host, others } = context;
    if (host === undefined) return [];
    return activeDevices(context).flatMap(({ hostdev, device: { group, uuid } }) => {
      if (group === undefined) return [];
      const members = new Set(host.groupMembers(group).filter((member) => member !== uuid));
      return others
        .filter((other) => !isSameDomain(other, domain))
        .filter((other) =>
          other.hostdevs.some((one) => one.uuid !== undefined && members.has(one.uuid)),
        )
        .flatMap((other) =>
          found(
            uuidPlace(hostdev),
            `group ${group} is split: domain ${other.name ?? '(unnamed)'} has other members of it`,
            'Give all members to one domain, or create the devices in groups of their own.',
          ),
        );
    });
  },
};

/** What several devices, and several domains, have to agree on. */
export const groupRules: readonly Rule[] = [
  groupsDiffer,
  groupIncomplete,
  nvidiaMixed,
  inTwoDomains,
  groupSplit,
];

function nameOf(uuid: string, group: string | undefined): string {
  return group === undefined ? `${uuid} (in no group)` : `${uuid} (group ${group})`;
}
