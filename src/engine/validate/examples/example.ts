/** A rule in practice. */
export interface RuleExample {
  /** What happens otherwise. */
  readonly why: string;
  /** What else must be so for `wrong` to be wrong: on the host, or in other domains. */
  readonly given?: string | undefined;
  /** A document that breaks the rule. Undefined: it is none of documents. */
  readonly wrong?: string;
  /** The same without the mistake. */
  readonly right?: string;
}

/** Examples by the code of their rule. */
export type RuleExamples = Readonly<Record<string, RuleExample>>;

export const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
export const OTHER_UUID = '3627463d-b7f0-4fea-b468-f1da537d301b';

/** A hostdev with a mediated device, one line each part. */
export function mdev({
  attributes = "model='vfio-pci'",
  source = `<source><address uuid='${UUID}'/></source>`,
  more = '',
} = {}): string {
  const start = `<hostdev mode='subsystem' type='mdev'${attributes && ` ${attributes}`}>`;
  return [start, ...[source, more].filter(Boolean).map(indented), '</hostdev>'].join('\n');
}

/** The other mediated device. */
export const otherMdev = (attributes?: string, more?: string): string =>
  mdev({
    ...(attributes === undefined ? {} : { attributes }),
    ...(more === undefined ? {} : { more }),
    source: `<source><address uuid='${OTHER_UUID}'/></source>`,
  });

/** A hostdev with a PCI device. */
export function pciHostdev({ attributes = '', source = '<source>', more = '' } = {}): string {
  return [
    `<hostdev mode='subsystem' type='pci'${attributes && ` ${attributes}`}>`,
    `  ${source}<address domain='0x0000' bus='0x86' slot='0x00' function='0x0'/></source>`,
    ...(more === '' ? [] : [indented(more)]),
    '</hostdev>',
  ].join('\n');
}

/** A domain around devices. */
export function domain(
  devices: readonly string[],
  { arch = 'x86_64', machine = 'q35', type = 'kvm', os = '', name = 'vm' } = {},
): string {
  return [
    `<domain type='${type}'>`,
    `  <name>${name}</name>`,
    '  <memory>1048576</memory>',
    `  <os><type arch='${arch}' machine='${machine}'>hvm</type>${os}</os>`,
    '  <devices>',
    ...devices.map((device) => indented(indented(device))),
    '  </devices>',
    '</domain>',
  ].join('\n');
}

export const S390 = { arch: 's390x', machine: 's390-ccw-virtio' };

export const pciAddress = (slot: string, bus = '0x00'): string =>
  `<address type='pci' domain='0x0000' bus='${bus}' slot='${slot}' function='0x0'/>`;

export const ccwAddress = (devno: string): string =>
  `<address type='ccw' cssid='0xfe' ssid='0x0' devno='${devno}'/>`;

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gmu, '  ');
}
