import { buildElement, withChildren, type XmlElement } from '../xml/element.ts';
import { type Domain, type DomainDevice, isHostdev, readDevice, readDomain } from './domain.ts';
import { domainRules } from './rules/index.ts';
import type { Finding, Rule, RuleContext } from './rules/rule.ts';

/**
 * What is known of the devices of a domain that is edited (`xml/edited.ts`): as long as an element is there, it need not be read
 * again, nor be looked at by rules that are of one device each. For domains that are checked without a host.
 */
export class KnownDevices {
  readonly #devices = new WeakMap<XmlElement, DomainDevice>();
  readonly #found = new WeakMap<XmlElement, readonly FoundAt[]>();
  readonly #rules = domainRules().filter(({ isPerDevice }) => isPerDevice);

  readDomain(root: XmlElement): Domain {
    return readDomain(root, undefined, (element) => {
      const known = this.#devices.get(element);
      if (known !== undefined) return known;
      const device = {
        ...readDevice(element),
        get location() {
          return element.location;
        },
      };
      this.#devices.set(element, device);
      return device;
    });
  }

  /** What each rule finds in a domain that was read here. */
  findings(rules: readonly Rule[], context: RuleContext): readonly (readonly Finding[])[] {
    const { domain } = context;
    const around = { ...context, domain: withDevices(domain, [], withoutDevices(domain.element)) };
    const found = new Map<Rule, Finding[]>(
      rules.map((rule) => [rule, [...rule.check(rule.isPerDevice ? around : context)]]),
    );
    for (const device of domain.devices) {
      for (const [rule, finding] of this.#foundAt(device, context)) found.get(rule)?.push(finding);
    }
    return [...found.values()];
  }

  #foundAt(device: DomainDevice, context: RuleContext): readonly FoundAt[] {
    const known = this.#found.get(device.element);
    if (known !== undefined) return known;
    const element = buildElement('domain', {}, [buildElement('devices', {}, [device.element])]);
    const alone = { ...context, domain: withDevices(context.domain, [device], element) };
    const found = this.#rules.flatMap((rule) =>
      rule.check(alone).map((finding) => [rule, finding] as const),
    );
    this.#found.set(device.element, found);
    return found;
  }
}

type FoundAt = readonly [rule: Rule, finding: Finding];

const withDevices = (
  domain: Domain,
  devices: readonly DomainDevice[],
  element: XmlElement,
): Domain => {
  const hostdevs = devices.filter(isHostdev);
  return {
    ...domain,
    devices,
    hostdevs,
    mdevs: hostdevs.flatMap(({ mdev }) => mdev ?? []),
    element,
  };
};

const withoutDevices = (domain: XmlElement): XmlElement =>
  withChildren(
    domain,
    domain.children.map((node) =>
      node.kind === 'element' && node.name === 'devices' ? withChildren(node, []) : node,
    ),
  );
