import { attributeOf, childElements, type XmlElement } from '../../xml/element.ts';
import { overriddenProperty } from '../qemu-property.ts';
import { type Finding, found, type Rule } from './rule.ts';

/** `-set device.ALIAS.PROPERTY=VALUE` */
const SET = /^device\.([^.]+)\.([^=]+)=(.*)$/;

/**
 * QEMU 7.2 and 11.1: "there is no device \"hostdev0\" defined". libvirt gives QEMU its devices as JSON, and -set knows no
 * device that came so.
 */
const setDevice: Rule = {
  code: 'qemu-set-device',
  severity: 'warning',
  stage: 'start',
  summary: '-set finds no device that libvirt gives to QEMU; <qemu:override> does',
  source:
    'https://libvirt.org/drvqemu.html (overriding properties of QEMU devices, since libvirt 8.2)',
  check: ({ domain }) =>
    // Without the namespace libvirt ignores it, which is told by another rule.
    childElements(domain.element, 'qemu:commandline')
      .filter(hasNamespace(domain.element))
      .flatMap((commandline) => {
        const values = childElements(commandline, 'qemu:arg');
        return values.flatMap((argument, index): readonly Finding[] => {
          const before = values[index - 1];
          const [, alias, name, value] = SET.exec(attributeOf(argument, 'value') ?? '') ?? [];
          if (before === undefined || attributeOf(before, 'value') !== '-set') return [];
          if (alias === undefined || name === undefined || value === undefined) return [];
          return found(
            argument,
            `QEMU finds no device '${alias}' for -set, and the VM does not start`,
            `Since libvirt 8.2: ${override(alias, name, value)}.`,
          );
        });
      }),
};

export const qemuSetRules: readonly Rule[] = [setDevice];

function hasNamespace(domain: XmlElement) {
  return (element: XmlElement): boolean =>
    [element, domain].some((one) => attributeOf(one, 'xmlns:qemu') !== undefined);
}

function override(alias: string, property: string, written: string): string {
  const { name, type, value } = overriddenProperty(property, written);
  return `<qemu:override><qemu:device alias='${alias}'><qemu:frontend><qemu:property name='${name}' type='${type}' value='${value}'/></qemu:frontend></qemu:device></qemu:override>`;
}
