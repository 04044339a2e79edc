import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { validateDomain } from '../../src/domain/validate-domain.ts';
import { SEED } from '../support/seed.ts';
import { debian, debianRoot } from './debian.ts';

const FOLDER = '/tmp/virt-nodedev-addresses';
const TIMEOUT = 600_000;
const COUNT = 600;

// --- generated domains: controllers, addresses, host devices of all kinds; most of them valid ---

const attribute = (name: string, value: number | string | undefined) =>
  value === undefined ? '' : ` ${name}='${value}'`;

const slot = fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 0x1b, 0x1d, 0x1f);
const fn = fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 3);
const bus = fc.constantFrom(0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 9);
const guest = (b: number, at: number, f: number) =>
  `<address type='pci' bus='0x${b.toString(16)}' slot='0x${at.toString(16)}' function='0x${f}'/>`;
const address = fc.oneof(
  // A slot of the root bus that any machine has free, and an endpoint may be in.
  { weight: 3, arbitrary: fc.integer({ min: 3, max: 0x1a }).map((at) => guest(0, at, 0)) },
  { weight: 1, arbitrary: fc.tuple(bus, slot, fn).map(([b, at, f]) => guest(b, at, f)) },
);
const place = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: address },
);

const MODELS = {
  q35: 'pcie-root-port pcie-root-port pcie-root-port pcie-root-port pcie-to-pci-bridge dmi-to-pci-bridge pci-bridge pcie-expander-bus pcie-switch-upstream-port pcie-switch-downstream-port'.split(
    ' ',
  ),
  pc: 'pci-bridge pci-bridge pci-bridge pci-expander-bus pcie-root-port'.split(' '),
} as const;

const controller = (machine: 'q35' | 'pc') =>
  fc
    .tuple(
      fc.constantFrom(...MODELS[machine]),
      fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
      fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: address }),
    )
    .map(
      ([model, index, at]) =>
        `<controller type='pci' model='${model}'${attribute('index', index)}>${at}</controller>`,
    );

const uuid = fc
  .integer({ min: 0, max: 0xffff })
  .map((n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
const hostdev = fc.oneof(
  fc
    .tuple(uuid, place)
    .map(
      ([id, at]) =>
        `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${id}'/></source>${at}</hostdev>`,
    ),
  fc
    .tuple(fc.integer({ min: 1, max: 0xff }), place)
    .map(
      ([b, at]) =>
        `<hostdev mode='subsystem' type='pci'><source><address bus='0x${b.toString(16)}' slot='0' function='0'/></source>${at}</hostdev>`,
    ),
  fc
    .integer({ min: 1, max: 0xfff })
    .map(
      (id) =>
        `<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0x${id.toString(16)}'/></source></hostdev>`,
    ),
);
const other = fc.oneof(
  fc
    .tuple(fc.constantFrom('e1000', 'e1000e', 'virtio', 'rtl8139'), place)
    .map(([model, at]) => `<interface type='user'><model type='${model}'/>${at}</interface>`),
  place.map((at) => `<sound model='ich9'>${at}</sound>`),
  place.map((at) => `<video><model type='vga'/>${at}</video>`),
  place.map((at) => `<memballoon model='virtio'>${at}</memballoon>`),
  place.map(
    (at) => `<rng model='virtio'><backend model='random'>/dev/urandom</backend>${at}</rng>`,
  ),
  place.map((at) => `<controller type='scsi' model='virtio-scsi'>${at}</controller>`),
  fc.constantFrom(
    "<controller type='usb' model='none'/>",
    "<controller type='usb' model='qemu-xhci'/>",
  ),
);

/** What a domain has once, for libvirt to have nothing else to complain of. */
const ONCE = /^<(?:memballoon|video|controller type='usb')/;

const domain = fc.constantFrom('q35' as const, 'pc' as const).chain((machine) =>
  fc
    .record({
      controllers: fc.array(controller(machine), { maxLength: 3 }),
      hostdevs: fc.uniqueArray(hostdev, {
        maxLength: 3,
        selector: (text) => text.replace(/<address type.*/, ''),
      }),
      others: fc.uniqueArray(other, {
        maxLength: 3,
        selector: (text) => ONCE.exec(text)?.[0] ?? text,
      }),
    })
    .map(({ controllers, hostdevs, others }) => ({
      machine,
      devices: [
        ...(controllers.length > 0
          ? [
              `<controller type='pci' index='0' model='${machine === 'q35' ? 'pcie-root' : 'pci-root'}'/>`,
            ]
          : []),
        ...controllers,
        ...others,
        ...hostdevs,
      ].join('\n'),
    })),
);

const DOMAINS = fc
  .sample(domain, { numRuns: COUNT, seed: SEED })
  .map(
    ({ machine, devices }, index) =>
      `<domain type='qemu'><name>vm${index}</name><memory unit='MiB'>512</memory><os><type arch='x86_64' machine='${machine}'>hvm</type></os><devices>\n${devices}\n</devices></domain>`,
  );

/** Where libvirt and this library differ, by what either says, and why that is so. */
const DIFFERENCES: readonly (readonly [said: RegExp, reason: string])[] = [
  [/with connect flags 2000/, 'libvirt 9.0 adds no root port for a pcie-to-pci-bridge; 12.8 does'],
  [
    /No more available PCI slots/,
    'devices without address are not placed here, so a root bus they fill up is not noticed',
  ],
  [
    /index 1 \(0x01\) has bus='0x01', but index must be larger than bus/,
    'libvirt gives a bridge without index the next one and then may choose its own bus for it; nothing without address is placed here',
  ],
];

let verdicts: readonly (string | undefined)[] = [];

/** libvirt's sentence without its class, or undefined where it defines the domain. */
function verdictOf(printed: string): string | undefined {
  const errors = [...printed.matchAll(/^error: (.*)$/gm)].map(([, text = '']) => text);
  const refusal = errors.find((text) => !text.startsWith('Failed to define'));
  // libvirt 9.0 says "a PCI slot".
  return refusal?.replace(/^[^:]*: /, '').replace('a PCI slot is needed', 'a PCIe slot is needed');
}

beforeAll(() => {
  const folder = join(debianRoot(), FOLDER);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  DOMAINS.forEach((text, index) => {
    writeFileSync(join(folder, `${index}.xml`), text);
  });
  const commands = DOMAINS.map(
    (_, index) => `echo "@@@ ${index}:"; define ${FOLDER}/${index}.xml; undefine vm${index}`,
  );
  // /dev is the folder's own: without /dev/kvm, libvirt asks QEMU once what it can do.
  const connection = `qemu:///embed?root=${FOLDER}/libvirt`;
  const printed = debian(
    'sh',
    '-c',
    `virsh -q -c '${connection}' "$0" 2>&1 || true`,
    commands.join('; '),
  );
  const parts = printed.split(/@@@ \d+:/).slice(1);
  verdicts = parts.map((text) => verdictOf(text.split(/^error: failed to get domain/m)[0] ?? ''));
}, TIMEOUT);

afterAll(() => {
  const defined = verdicts.filter((verdict) => verdict === undefined).length;
  process.stdout.write(
    `${verdicts.length} domains, of which libvirt defined ${defined} (SEED=${SEED})\n`,
  );
});

it('asks about enough domains, most of them valid', () => {
  expect(verdicts).toHaveLength(COUNT);
  expect(verdicts.filter((verdict) => verdict === undefined).length).toBeGreaterThan(COUNT / 2);
});

it("what libvirt's QEMU driver refuses, we refuse in the same words, and nothing else", () => {
  const differences = DOMAINS.flatMap((text, index) => {
    const verdict = verdicts[index];
    const ours = validateDomain(text)
      .filter(({ severity }) => severity === 'error')
      .map(({ message }) => message);
    const isSame = verdict === undefined ? ours.length === 0 : ours.includes(verdict);
    const said = `${verdict ?? 'defined'} | ${ours.join(' | ')}`;
    return isSame || DIFFERENCES.some(([expected]) => expected.test(said)) ? [] : [{ said, text }];
  });
  expect(differences).toEqual([]);
});
