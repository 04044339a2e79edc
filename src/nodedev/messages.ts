/**
 * The sentences of this layer. They are libvirt's own where libvirt has one. `subject` is the device's name, or
 * {@link NEW_DEVICE}.
 */

/** libvirt's words for a device that has no name yet. */
export const NEW_DEVICE = 'new device';

/** The sentences of one field, where they differ from the general ones. */
export interface Wording {
  missing?(subject: string): string;
  invalid?(subject: string, written: string): string;
}

/** libvirt's sentences for most numbers of a device: `supplied('PCI bus ID')`. */
export function supplied(what: string): Required<Wording> {
  return {
    missing: (subject) => `no ${what} supplied for '${subject}'`,
    invalid: (subject) => `invalid ${what} supplied for '${subject}'`,
  };
}

/** libvirt's sentences for the numbers of s390 addresses: `valued('cssid')`. */
export function valued(what: string): Required<Wording> {
  return {
    missing: (subject) => `missing ${what} value for '${subject}'`,
    invalid: (subject, written) => `invalid ${what} value '${written}' for '${subject}'`,
  };
}

export function missingAttribute(attribute: string, element: string): string {
  return `Missing required attribute '${attribute}' in element '${element}'`;
}

export function invalidAttribute(attribute: string, element: string, written: string): string {
  return `Invalid value for attribute '${attribute}' in element '${element}': '${written}'`;
}

export function unexpectedAttribute(attribute: string, element: string): string {
  return `Unexpected attribute '${attribute}' in element '${element}'`;
}

export function missingElement(name: string, parent: string): string {
  return `Missing <${name}> in <${parent}>`;
}

export function unexpectedElement(name: string, parent: string): string {
  return `Unexpected element <${name}> in <${parent}>`;
}

export function repeatedElement(name: string): string {
  return `Element <${name}> appears more than once`;
}

export function invalidText(element: string, written: string): string {
  return `Invalid value for element '${element}': '${written}'`;
}

export function unexpectedText(element: string): string {
  return `Unexpected text in <${element}>`;
}

export function twoValues(element: string, attribute: string): string {
  return `<${element}> has a value both as text and in attribute '${attribute}'`;
}

export function misplacedCapability(type: string): string {
  return `Capability type '${type}' cannot stand here`;
}

export function repeatedCapability(type: string): string {
  return `Capability type '${type}' appears more than once`;
}

/** The hint for a second one. */
export function oneCapability(type: string): string {
  return `libvirt takes the first only: write a <device> for each <capability type='${type}'>.`;
}

export function unexpectedRoot(name: string, expected: string): string {
  return `unexpected root element <${name}>, expecting ${expected}`;
}

export function unreadable(element: string): string {
  return `<${element}> cannot be read`;
}

/** The hint of every wrong value. */
export function expectedValue(expected: string): string {
  return `Expected ${expected}.`;
}

/** The hint for something that is not allowed in its place. */
export function allowedHere(names: readonly string[]): string {
  return names.length === 0 ? 'Nothing may stand there.' : `Allowed here: ${names.join(', ')}.`;
}
