import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseDomain } from '../../src/domain/parse-domain.ts';
import { qemuDomainArguments } from '../../src/domain/qemu-arguments.ts';
import { SEED } from '../support/seed.ts';
import { debian, debianRoot } from './debian.ts';

const FOLDER = '/tmp/virt-nodedev-arguments';
const TIMEOUT = 600_000;
const COUNT = 160;

// --- generated domains with host devices of the kinds that have arguments here ---

const uuid = fc
  .integer({ min: 1, max: 0xffff })
  .map((n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);

const attributes = (names: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> =>
  fc.record(names, { requiredKeys: [] }).map((given) =>
    Object.entries(given)
      .map(([name, value]) => ` ${name}='${value}'`)
      .join(''),
  );

const sometimes = (texts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 1, arbitrary: texts });

const alias = sometimes(
  fc.constantFrom("<alias name='ua-x'/>", "<alias name='gpu'/>", "<alias name='hostdev7'/>"),
);
const onOff = fc.constantFrom('on', 'off');
const switches = fc
  .constantFrom(
    {},
    {},
    { display: 'on' },
    { display: 'off' },
    { display: 'on', ramfb: 'on' },
    { display: 'on', ramfb: 'off' },
  )
  .map((given) =>
    Object.entries(given)
      .map(([name, value]) => ` ${name}='${value}'`)
      .join(''),
  );
const boot = sometimes(
  attributes({ loadparm: fc.constantFrom('PROD', '2', 'a.b c') }).map(
    (more) => `<boot order='1'${more}/>`,
  ),
);
const acpi = sometimes(fc.integer({ min: 1, max: 9 }).map((index) => `<acpi index='${index}'/>`));
const free = fc.integer({ min: 3, max: 0x1a }).map((slot) => ` slot='0x${slot.toString(16)}'`);
const pciAddress = sometimes(
  free.chain((slot) =>
    attributes({ multifunction: onOff }).map(
      (more) => `<address type='pci' bus='0'${slot} function='0'${more}/>`,
    ),
  ),
);
const zpciAddress = sometimes(
  fc
    .integer({ min: 1, max: 0xffff })
    .map((n) => `<address type='pci'><zpci uid='${n}' fid='${n + 1}'/></address>`),
);
const ccwAddress = sometimes(
  fc
    .integer({ min: 0x100, max: 0xffff })
    .map((n) => `<address type='ccw' cssid='0xfe' ssid='0' devno='${n}'/>`),
);

const hostdev = (
  start: fc.Arbitrary<string>,
  ...parts: readonly fc.Arbitrary<string>[]
): fc.Arbitrary<string> =>
  fc
    .tuple(start, ...parts)
    .map(([head, ...more]) => `<hostdev mode='subsystem' ${head}${more.join('')}</hostdev>`);

const mdev = (
  model: string,
  switched: fc.Arbitrary<string> = fc.constant(''),
): fc.Arbitrary<string> =>
  fc
    .tuple(uuid, switched)
    .map(
      ([id, more]) =>
        `type='mdev' model='${model}'${more}><source><address uuid='${id}'/></source>`,
    );

// libvirt 9.0 prints no PCI device unless it is told the driver.
const pci = fc
  .integer({ min: 1, max: 0xff })
  .map(
    (bus) =>
      `type='pci'><driver name='vfio'/><source><address bus='0x${bus.toString(16)}' slot='0' function='0'/></source>`,
  );
const usb = fc
  .integer({ min: 1, max: 0x7f })
  .map((id) => `type='usb'><source><address bus='1' device='${id}'/></source>`);

const x86 = fc.oneof(
  hostdev(mdev('vfio-pci', switches), alias, acpi, pciAddress),
  hostdev(pci, alias, acpi, pciAddress),
  hostdev(usb, alias),
);
const s390 = fc.oneof(
  hostdev(mdev('vfio-ccw'), boot, alias, ccwAddress),
  hostdev(mdev('vfio-pci'), alias, zpciAddress),
  hostdev(pci, alias, zpciAddress),
  hostdev(mdev('vfio-ap'), alias, zpciAddress),
);

const MACHINES = [
  ['x86_64', 'q35', x86, "<controller type='usb' model='qemu-xhci'/>"],
  ['x86_64', 'pc', x86, ''],
  ['s390x', 's390-ccw-virtio', s390, ''],
] as const;

/** What a domain has once. */
const ONCE = [/ramfb='on'/, /boot order/, /vfio-ap/, /name='ua-x'/, /hostdev7/];

const isSensible = (devices: readonly string[]): boolean => {
  const text = devices.join('');
  const slots = text.match(/slot='0x\w+' function/g) ?? [];
  const indexes = text.match(/acpi index='\d'/g) ?? [];
  return (
    ONCE.every((once) => text.split(once).length <= 2) &&
    new Set(slots).size === slots.length &&
    new Set(indexes).size === indexes.length
  );
};

const domain = fc.constantFrom(...MACHINES).chain(([arch, machine, devices, more]) =>
  fc
    .uniqueArray(devices, {
      minLength: 1,
      maxLength: 4,
      selector: (text) => /<source>.*<\/source>/.exec(text)?.[0],
    })
    .filter(isSensible)
    .map(
      (hostdevs) =>
        `<os><type arch='${arch}' machine='${machine}'>hvm</type></os><devices><graphics type='vnc'/><video><model type='none'/></video>\n${more}${hostdevs.join('\n')}\n</devices>`,
    ),
);

const DOMAINS = fc
  .sample(domain, { numRuns: COUNT, seed: SEED })
  .map(
    (text, index) =>
      `<domain type='qemu'><name>vm${index}</name><memory unit='MiB'>512</memory>${text}</domain>`,
  );

type Properties = Readonly<Record<string, unknown>>;

function propertiesOf(json: string): Properties {
  const parsed: unknown = JSON.parse(json);
  return typeof parsed === 'object' ? { ...parsed } : {};
}

/** The `-device` objects of host devices, and the zPCI halves of those. */
function hostDevices(words: readonly string[]): readonly Properties[] {
  const objects = words.filter((word) => word.startsWith('{')).map((word) => propertiesOf(word));
  return objects.filter(
    ({ driver, target }) =>
      String(driver).startsWith('vfio-') ||
      (driver === 'zpci' && /hostdev|ua-/.test(String(target))),
  );
}

let printed: readonly (readonly Properties[] | string)[] = [];

beforeAll(() => {
  const folder = join(debianRoot(), FOLDER);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  DOMAINS.forEach((text, index) => {
    writeFileSync(join(folder, `${index}.xml`), text);
  });
  const commands = DOMAINS.map(
    (_, index) => `echo "@@@ ${index}:"; domxml-to-native qemu-argv --xml ${FOLDER}/${index}.xml`,
  ).join('; ');
  // A host with VFIO, as far as libvirt looks.
  const host =
    'mount -t tmpfs tmpfs /sys && mount -t tmpfs tmpfs /dev && mkdir -p /dev/vfio /sys/kernel/iommu_groups/7 && ' +
    'touch /dev/vfio/vfio && mknod /dev/null c 1 3 && mknod /dev/urandom c 1 9 && chmod 666 /dev/null /dev/urandom';
  const connection = `qemu:///embed?root=${FOLDER}/libvirt`;
  const text = debian(
    'sh',
    '-c',
    `${host}; virsh -q -c '${connection}' "$0" 2>&1 || true`,
    commands,
  );
  printed = text
    .split(/@@@ \d+:/)
    .slice(1)
    .map((part) => {
      const refusal = /^error: .*$/m.exec(part)?.[0];
      return (
        refusal ??
        hostDevices([...part.matchAll(/-device '(\{.*?\})'/g)].map(([, json = '']) => json))
      );
    });
}, TIMEOUT);

afterAll(() => {
  const devices = printed.flatMap((one) => (typeof one === 'string' ? [] : one));
  process.stdout.write(
    `${printed.length} domains with ${devices.length} arguments of host devices\n`,
  );
});

it(`asks about enough domains, and libvirt takes them all (SEED=${SEED})`, () => {
  expect(printed).toHaveLength(COUNT);
  expect(printed.filter((one) => typeof one === 'string')).toEqual([]);
  expect(printed.flat().length).toBeGreaterThan(COUNT);
});

/** What libvirt chooses where the domain says nothing. */
const ADDRESS: ReadonlySet<string> = new Set(['bus', 'addr', 'devno', 'multifunction']);

/** What the oldest release does not print yet, with the first that does. */
const LATER = ['loadparm'];

/** Ours beside libvirt's: without what only libvirt says, an address that the domain leaves open. */
function likeOurs(theirs: Properties, ours: Properties | undefined): Properties {
  return Object.fromEntries(
    Object.entries(theirs).filter(
      ([name]) => !ADDRESS.has(name) || Object.hasOwn(ours ?? {}, name),
    ),
  );
}

it("host devices have libvirt's arguments, in its order", () => {
  const knowsLater = JSON.stringify(printed).includes('"loadparm"');
  const differences = DOMAINS.flatMap((text, index) => {
    const theirs = printed[index];
    if (theirs === undefined || typeof theirs === 'string') return [];
    const ours = hostDevices(qemuDomainArguments(parseDomain(text))).map((one) =>
      Object.fromEntries(
        Object.entries(one).filter(([name]) => knowsLater || !LATER.includes(name)),
      ),
    );
    // Without the zPCI devices whose numbers libvirt chose.
    const same = theirs.filter(
      ({ uid, driver }) => driver !== 'zpci' || text.includes(`zpci uid='${String(uid)}'`),
    );
    const [left, right] = [
      JSON.stringify(same.map((one, at) => likeOurs(one, ours[at]))),
      JSON.stringify(ours),
    ];
    return left === right ? [] : [{ text, theirs: left, ours: right }];
  });
  expect(differences).toEqual([]);
});

/** One argument of each form: the same properties, for the same machine. */
function forms(): readonly (readonly [arch: string, machine: string, properties: Properties])[] {
  const byForm = new Map<string, readonly [string, string, Properties]>();
  for (const text of DOMAINS) {
    const [, arch = '', machine = ''] = /arch='(.*?)' machine='(.*?)'/.exec(text) ?? [];
    for (const properties of hostDevices(qemuDomainArguments(parseDomain(text)))) {
      const { driver, display, ramfb } = properties;
      const form = [machine, driver, display, ramfb, ...Object.keys(properties)].join(' ');
      byForm.set(form, [arch, machine, properties]);
    }
  }
  return [...byForm.values()];
}

it(
  'QEMU knows every property: it complains of the missing device of the host, or of nothing',
  () => {
    const answers = forms().map(([arch, machine, properties]) => {
      const words = [
        '-M',
        machine,
        '-nodefaults',
        '-display',
        'none',
        '-S',
        '-device',
        JSON.stringify(properties),
      ];
      // What a zPCI device belongs to comes behind it.
      const target = [
        '-device',
        `{"driver":"virtio-rng-pci","id":"${String(properties['target'])}"}`,
      ];
      const command = [
        `qemu-system-${arch}`,
        ...words,
        ...(properties['driver'] === 'zpci' ? target : []),
      ];
      const quit = 'echo quit | timeout 60 "$@" -monitor stdio 2>&1 || true';
      return { properties, said: debian('sh', '-c', quit, 'sh', ...command) };
    });
    process.stdout.write(`${answers.length} forms of arguments\n`);
    expect(answers.length).toBeGreaterThan(20);
    const isKnown = ({ properties, said }: (typeof answers)[number]): boolean =>
      /no such host device|No such file or directory|Could not find|not found on host/i.test(
        said,
      ) ||
      (properties['driver'] === 'zpci' && !said.includes('qemu-system')) ||
      // Only a machine of KVM has the bus for it.
      (properties['driver'] === 'vfio-ap' && said.includes("No 'ap-bus' bus found")) ||
      LATER.some((name) => said.includes(`.${name}' not found`));
    expect(answers.filter((one) => !isKnown(one))).toEqual([]);
  },
  TIMEOUT,
);
