import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type Hostdev,
  hostdevFor,
  type HostdevOptions,
  insertHostdev,
  parseDomain,
} from '../../src/index.ts';
import { debian, debianRoot } from './debian.ts';
import { type SampleDevice, sampleDevices } from './sample-hosts.ts';
import { schemaProblems } from './schema.ts';

const FOLDER = '/tmp/virt-nodedev-domains';
const TIMEOUT = 120_000;

/** What a hostdev of each device API may say, and a domain to put it into. */
const KINDS: readonly {
  readonly type: RegExp;
  readonly domain: string;
  readonly options: readonly HostdevOptions[];
}[] = [
  {
    type: /^(?:nvidia|i915|mtty|mdpy|mbochs)-/,
    domain: 'workstation',
    options: [
      {},
      { managed: false },
      { display: false },
      { display: true, ramfb: true, alias: 'ua-screen_1' },
      { address: { kind: 'pci', domain: 0, bus: 0, slot: 5, function: 0, multifunction: true } },
    ],
  },
  {
    type: /^vfio_ccw-/,
    domain: 's390',
    options: [
      {},
      { bootOrder: 2, alias: 'ua-disk' },
      { address: { kind: 'ccw', cssid: 0xfe, ssid: 0, devno: 0x0a0b } },
    ],
  },
  { type: /^vfio_ap-/, domain: 's390', options: [{}, { managed: false, alias: 'ua-crypto' }] },
];

interface Case {
  readonly file: string;
  readonly hostdev: Hostdev;
  readonly text: string;
}

let cases: readonly Case[] = [];

function casesOf(devices: readonly SampleDevice[]): readonly Case[] {
  return KINDS.flatMap(({ type, domain, options }) => {
    const source = readFileSync(`samples/domains/${domain}.xml`, 'utf8');
    const mdev = devices.filter(({ device }) =>
      device.capabilities.some((one) => one.kind === 'mdev' && type.test(one.types[0]?.id ?? '')),
    );
    return mdev.flatMap(({ device }, index) =>
      options.map((option, number): Case => {
        const hostdev = hostdevFor(device, option);
        const file = `${FOLDER}/${domain}-${device.name}-${index}-${number}.xml`;
        return { file, hostdev, text: insertHostdev(source, hostdev) };
      }),
    );
  });
}

beforeAll(async () => {
  rmSync(join(debianRoot(), FOLDER), { recursive: true, force: true });
  mkdirSync(join(debianRoot(), FOLDER));
  cases = casesOf((await sampleDevices()).filter(({ title, name }) => title === name));
  for (const { file, text } of cases) writeFileSync(join(debianRoot(), file), text);
}, TIMEOUT);

afterAll(() => {
  process.stdout.write(`${cases.length} domains with a hostdev\n`);
});

it.each(['workstation', 'two-vgpus', 's390'])(
  "the sample %s is valid by libvirt's schema",
  (name) => {
    const file = `${FOLDER}/${name}.xml`;
    copyFileSync(`samples/domains/${name}.xml`, join(debianRoot(), file));
    expect(schemaProblems('domain', [file])).toBe('');
  },
);

it("domains we put hostdevs into are valid by libvirt's schema", () => {
  const models = new Set(cases.map(({ hostdev }) => hostdev.model));
  expect(models).toEqual(new Set(['vfio-ap', 'vfio-ccw', 'vfio-pci']));
  expect(
    schemaProblems(
      'domain',
      cases.map(({ file }) => file),
    ),
  ).toBe('');
});

it('libvirt reads in them the hostdevs we wrote', () => {
  const script = [];
  for (const { file, text } of cases) {
    // The test driver takes domains of its own type only.
    writeFileSync(join(debianRoot(), `${file}.test`), text.replace("type='kvm'", "type='test'"));
    script.push(`define ${file}.test`, `dumpxml ${parseDomain(text).name}`);
    script.push(`undefine ${parseDomain(text).name}`);
  }
  const printed = debian('virsh', '--quiet', '--connect', 'test:///default', script.join('; '));
  const domains = printed.split(/(?=^<domain )/m).map((text) => parseDomain(text));
  expect(domains).toHaveLength(cases.length);
  for (const [index, { hostdev }] of cases.entries()) {
    const given = Object.entries(hostdev).filter(([, value]) => value !== undefined);
    expect(domains[index]?.mdevs).toContainEqual(
      expect.objectContaining(Object.fromEntries(given)),
    );
  }
});
