import { buildElement, type XmlElement } from '../xml/element.ts';

/**
 * A domain around host devices that come without one, as `virsh attach-device` takes them. It has what libvirt's schema
 * asks of every domain, and says nothing about a machine.
 */
export function domainAround(hostdevs: readonly XmlElement[]): XmlElement {
  return buildElement('domain', { type: 'kvm' }, [
    buildElement('name', {}, ['hostdev']),
    buildElement('memory', {}, ['1']),
    buildElement('os', {}, [buildElement('type', {}, ['hvm'])]),
    buildElement('devices', {}, hostdevs),
  ]);
}

/** Rules that ask for the rest of the domain, which is not known of a host device alone. */
export const WHOLE_DOMAIN: ReadonlySet<string> = new Set([
  'display-without-graphics',
  'display-needs-opengl',
  'display-without-opengl',
  'hostdev-capabilities-mode',
  'mdev-group-incomplete',
]);
