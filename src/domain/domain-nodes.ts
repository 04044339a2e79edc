import type { NumaNode } from '../host/host.ts';
import { readNumberSet } from '../host/sysfs/number-set.ts';
import { attributeOf, childElement, childElements, type XmlElement } from '../xml/element.ts';

/** Where a domain is bound to run, as far as its XML says. */
export interface DomainBinding {
  /** The host's CPUs that its vCPUs are pinned to: `<vcpupin cpuset>`, else `<vcpu cpuset>`. */
  readonly cpus: readonly number[];
  /** The nodes that its memory is bound to: `<memory nodeset>` and `<memnode nodeset>` of `<numatune>`. */
  readonly nodes: readonly number[];
}

/** The binding in a `<domain>` (libvirt docs/formatdomain.rst, "CPU Tuning" and "NUMA Node Tuning"). */
export function bindingOf(domain: XmlElement): DomainBinding {
  const sets = (elements: readonly (XmlElement | undefined)[], name: string): readonly number[] => [
    ...new Set(
      elements.flatMap((element) =>
        element === undefined ? [] : (readNumberSet(attributeOf(element, name) ?? '') ?? []),
      ),
    ),
  ];
  const tuned = childElement(domain, 'cputune');
  const pins = tuned === undefined ? [] : childElements(tuned, 'vcpupin');
  const memory = childElement(domain, 'numatune');
  const bound = memory === undefined ? [] : childElements(memory);
  return {
    cpus: sets(pins.length > 0 ? pins : [childElement(domain, 'vcpu')], 'cpuset'),
    nodes: sets(bound, 'nodeset'),
  };
}

/** The NUMA nodes where a domain's vCPUs are; where it pins none, those of its memory. Ascending; empty: it says nothing. */
export function nodesOfBinding(
  { cpus, nodes }: DomainBinding,
  host: readonly NumaNode[],
): readonly number[] {
  const pinned = new Set(cpus);
  const own = host.filter((node) => node.cpus.some((cpu) => pinned.has(cpu))).map(({ id }) => id);
  return own.length > 0 ? own : nodes.toSorted((a, b) => a - b);
}
