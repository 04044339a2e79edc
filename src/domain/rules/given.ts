import type { DomainRuleCode } from '../../codes.ts';
import { drivers } from '../../drivers/registry.ts';
import { once } from '../../drivers/once.ts';
import type { ErrorCode, Fix } from '../../errors.ts';
import { mayGive } from '../../policy/give.ts';
import type { Reason } from '../../policy/verdict.ts';
import { type DomainHostdev, pciFunctionOf } from '../domain.ts';
import { usageOf } from '../usage.ts';
import {
  attribute,
  child,
  type Finding,
  type FindingNode,
  found,
  REMOVAL,
  type Rule,
  type RuleContext,
  uuidNode,
  valueFix,
} from './rule.ts';

// The policy's answer to "may this domain have these devices", one rule for each kind of reason.

/** Asked once for all rules. */
const reasonsFor = once(({ host, domain }: RuleContext): readonly Reason[] =>
  host === undefined ? [] : mayGive(host, usageOf(domain)).reasons,
);

interface GivenRule extends Pick<Rule, 'summary' | 'source'> {
  readonly code: DomainRuleCode;
  /** Default `error`. */
  readonly severity?: Rule['severity'];
  /** The reasons it tells. */
  readonly codes: readonly ErrorCode[];
  readonly driver?: string | undefined;
  /** Where it stands in the hostdev; default: what names the device. */
  readonly at?: (hostdev: DomainHostdev) => FindingNode | undefined;
  /** What mends it where it stands. */
  readonly fix?: (at: FindingNode) => Fix | undefined;
}

const RULES: readonly GivenRule[] = [
  {
    code: 'mdev-not-active',
    codes: ['device-inactive', 'device-ambiguous'],
    summary: 'the mediated device is active, or defined and the hook starts it',
    source: 'libvirt src/util/virmdev.c: virMediatedDeviceNew',
  },
  {
    code: 'mdev-start-fails',
    codes: ['parent-unknown', 'type-unknown', 'definition-invalid', 'no-instances', 'host-refused'],
    summary: 'a mediated device that the hook starts can be started',
    source: 'samples/libvirt-hooks/qemu: what it does before the domain starts',
  },
  {
    code: 'mdev-unusable',
    codes: ['device-unusable'],
    summary: 'a VM can open the mediated device',
    source:
      'libvirt src/util/virmdev.c: virMediatedDeviceGetIOMMUGroupDev; Linux drivers/vfio/group.c',
  },
  {
    code: 'mdev-type-differs',
    severity: 'warning',
    codes: ['definition-mismatch'],
    summary: 'a mediated device is of the type it is defined with',
    source: 'ARCHITECTURE.md: the next start makes what the definition says',
  },
  {
    code: 'mdev-in-use',
    codes: ['group-member', 'in-use'],
    summary: 'the mediated device belongs to no other domain, and nothing else has it open',
    source: 'libvirt src/util/virmdev.c: virMediatedDeviceListMarkDevices',
  },
  {
    code: 'mdev-groups-differ',
    codes: ['group-required'],
    summary: 'the devices of one domain are in one group where a simulated card asks for it',
    source: 'the proposal of 2016; samples/hosts/README.md: requires-group',
  },
  {
    code: 'hostdev-function-in-use',
    codes: ['function-in-use'],
    summary: 'a PCI device that is given as a whole has no mediated devices',
    source:
      'libvirt src/hypervisor/virhostdev.c: virHostdevPreparePCIDevices; Linux mdev_unregister_parent',
  },
  {
    code: 'hostdev-function-managed',
    codes: ['function-rebound'],
    at: ({ element }) => {
      const driver = child(element, 'driver');
      const managed = attribute(element, 'managed');
      return managed?.value === 'yes' ? managed : driver && attribute(driver, 'model');
    },
    fix: (at) => {
      if ('kind' in at) return undefined;
      return at.name === 'managed' ? valueFix('no') : REMOVAL;
    },
    summary:
      "a PCI function that gets its type from its driver stays bound to it: managed='no', and no other driver named",
    source:
      'libvirt NEWS 10.0 (managed devices get the best VFIO driver); src/hypervisor/virhostdev.c',
  },
];

/** The rules about what a domain is given, those of the drivers that are registered now included. */
export const givenRules = (): readonly Rule[] => [
  ...RULES.map(ruleOf),
  ...drivers.flatMap(({ name: driver, vmRules = [] }) =>
    vmRules.map(({ name, severity, summary, source }) =>
      ruleOf({
        code: `${driver}-vgpus-${name}`,
        severity,
        codes: ['devices-mixed'],
        driver,
        summary,
        source,
      }),
    ),
  ),
];

function ruleOf(rule: GivenRule): Rule {
  const { code, severity = 'error', codes, driver, summary, source, at = uuidNode } = rule;
  return {
    code,
    severity,
    stage: 'host',
    summary,
    source,
    check: (context) =>
      reasonsFor(context)
        .filter(
          (reason) =>
            codes.includes(reason.code) && reason.driver === driver && reason.severity === severity,
        )
        .flatMap((reason) => findingsOf(context, reason, at, rule.fix)),
  };
}

/** A reason at the hostdevs that name what it is about. */
function findingsOf(
  { domain }: RuleContext,
  { message, hint, about }: Reason,
  at: NonNullable<GivenRule['at']>,
  fix: GivenRule['fix'],
): readonly Finding[] {
  const naming = domain.hostdevs.find(
    (hostdev) => hostdev.uuid === about || pciFunctionOf(hostdev.element) === about,
  );
  const node = naming && (at(naming) ?? uuidNode(naming));
  return found(node, message, sentence(hint), node && fix?.(node));
}

/** A hint in the form that the rules for domains give theirs. */
function sentence(hint: string): string {
  const end = /[.?]$/.test(hint) ? '' : '.';
  return `${hint.slice(0, 1).toUpperCase()}${hint.slice(1)}${end}`;
}
