import {
  childElement,
  childElements,
  attributeOf,
  textOf,
  type XmlElement,
} from '../xml/element.ts';
import { enterScope, namespaceOf } from '../xml/namespaces.ts';
import type { HostChoice } from './fleet.ts';

/** The namespace of our element in a domain's `<metadata>`, where libvirt keeps what is a program's own. */
const DOMAIN_HOST = 'urn:virt-nodedev:fleet:1';

/**
 * The host that a domain is to be on: `<metadata><v:host xmlns:v='urn:virt-nodedev:fleet:1' name='gpu1'/></metadata>`, with `<v:label>` in it
 * for labels.
 */
export function hostOfDomain(domain: XmlElement): HostChoice {
  const metadata = childElement(domain, 'metadata');
  const outer = metadata && enterScope(metadata, enterScope(domain, undefined));
  for (const element of metadata === undefined ? [] : childElements(metadata)) {
    const scope = enterScope(element, outer);
    const isOurs = ({ name }: XmlElement, local: string): boolean => {
      const [prefix, own] = name.includes(':') ? name.split(':') : ['', name];
      return own === local && namespaceOf(prefix ?? '', scope) === DOMAIN_HOST;
    };
    if (!isOurs(element, 'host')) continue;
    const labels = childElements(element)
      .filter((label) => isOurs(label, 'label'))
      .map((label) => textOf(label).trim());
    return { name: attributeOf(element, 'name'), labels };
  }
  return { name: undefined, labels: [] };
}
