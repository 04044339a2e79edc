import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { run } from './run.ts';

const GPUS = ['0000:86:00.0', '0000:86:00.0', '0000:87:00.0'] as const;
const TYPES = ['nvidia-18', 'nvidia-18', 'nvidia-16'] as const;
const uuidOf = (index: number): string => `5b5b2e4c-7f0b-4c54-9a8e-0c2f6c1d8a0${index}`;

const ADDRESSES = [
  '',
  "<address type='pci' domain='0x0000' bus='0x00' slot='0x05' function='0x0'/>",
  "<address type='pci' domain='0x0000' bus='0x00' slot='0x05' function='0x0' multifunction='on'/>",
  "<address type='pci' domain='0x0000' bus='0x00' slot='0x05' function='0x1'/>",
];

/** A host device that a domain has before; some are of the third device, some of one that is not there. */
const present = fc.record({
  device: fc.constantFrom(1, 2, 3, 9),
  form: fc.constantFrom('libvirt', 'libvirt', 'libvirt', 'thread', 'broken'),
  display: fc.constantFrom('', " display='on'", " display='on' ramfb='on'", " display='off'"),
  address: fc.constantFrom(...ADDRESSES),
  alias: fc.constantFrom('', '', "<alias name='ua-x'/>"),
  boot: fc.constantFrom('', '', "<boot order='1'/>"),
});

const domains = fc.record({
  type: fc.constantFrom('kvm', 'kvm', 'kvm', 'qemu', 'lxc', 'test'),
  os: fc.constantFrom(
    "<os><type arch='x86_64' machine='q35'>hvm</type></os>",
    "<os><type arch='x86_64' machine='pc'>hvm</type></os>",
    "<os><type arch='s390x' machine='s390-ccw-virtio'>hvm</type></os>",
    '',
  ),
  devices: fc.constantFrom('<devices>', '<devices>', '<devices>', '', '<device>'),
  graphics: fc.constantFrom(
    '',
    "<graphics type='vnc'/>",
    "<graphics type='spice'><gl enable='yes'/></graphics>",
    "<video><model type='none'/></video>",
  ),
  hostdevs: fc.array(present, { maxLength: 2 }),
  wholeGpu: fc.constantFrom(false, false, false, true),
});
type Numbers = ReturnType<typeof domains.generate>['value'];

function xmlOf({ type, os, devices, graphics, hostdevs, wholeGpu }: Numbers): string {
  const elements = hostdevs.map(({ device, form, display, address, alias, boot }) => {
    const uuid = uuidOf(device);
    switch (form) {
      case 'thread':
        return `<hostdev mode='subsystem' type='pci'><source type='mdev'><uuid>${uuid}</uuid></source></hostdev>`;
      case 'broken':
        return `<hostdev type='mdev'><source><uuid>${uuid}</uuid></source></hostdev>`;
      case 'libvirt':
        return `<hostdev mode='subsystem' type='mdev' model='vfio-pci'${display}><source><address uuid='${uuid}'/></source>${boot}${alias}${address}</hostdev>`;
    }
  });
  const gpu = wholeGpu
    ? "<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x87' slot='0x00' function='0x0'/></source></hostdev>"
    : '';
  const body = `\n    ${[graphics, ...elements, gpu].join('\n    ')}\n  `;
  const end = devices.replace('<', '</');
  const inner = devices === '' ? '' : `${devices}${body}${end}`;
  return `<domain type='${type}'>\n  <name>vm</name>\n  <memory>1048576</memory>\n  ${os}\n  ${inner}\n</domain>\n`;
}

const settings = fc
  .record({
    display: fc.constantFrom<readonly string[]>([], [], ['--display', 'on'], ['--display', 'off']),
    ramfb: fc.constantFrom<readonly string[]>([], [], ['--ramfb', 'on']),
    address: fc.constantFrom<readonly string[]>(
      [],
      ['--address', 'auto'],
      ['--address', '00:05.0'],
    ),
    boot: fc.constantFrom<readonly string[]>([], [], ['--boot', '1']),
    alias: fc.constantFrom<readonly string[]>([], [], ['--alias', 'ua-x']),
    property: fc.constantFrom<readonly string[]>([], [], ['--property', 'xres=1280']),
    dialect: fc.constantFrom<readonly string[]>([], [], ['--dialect', 'thread']),
  })
  .map((options) => Object.values(options).flat());

const edits = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('into' as const), device: fc.constantFrom(1, 2, 3), settings }),
    fc.record({
      do: fc.constant('replace' as const),
      device: fc.constantFrom(1, 2, 3),
      old: fc.constantFrom(1, 2, 3, 9),
    }),
    fc.record({ do: fc.constant('remove' as const), device: fc.constantFrom(1, 2, 3, 9) }),
  ),
  { minLength: 1, maxLength: 4 },
);
type Edit = ReturnType<typeof edits.generate>['value'][number];

function wordsOf(edit: Edit): readonly string[] {
  const base = ['hostdev', uuidOf(edit.device), '--into', 'vm.xml'];
  if (edit.do === 'into') return [...base, ...edit.settings];
  return edit.do === 'remove' ? [...base, '--remove'] : [...base, '--replace', uuidOf(edit.old)];
}

it('what hostdev writes brings no error, and a second time it writes nothing', {
  timeout: 600_000,
}, async () => {
  const folder = temporaryFolder({ inMemory: true });
  const uri = `sim://${join(folder, 'host')}`;
  makeSimulatedHost(join(folder, 'host'), 'nvidia-m60');
  const connection = await connect(uri);
  for (const [index, type] of TYPES.entries()) {
    const parent = `pci_${GPUS[index]?.replaceAll(/[:.]/gu, '_')}`;
    await connection.create(
      `<device><parent>${parent}</parent><capability type='mdev'><type id='${type}'/><uuid>${uuidOf(index + 1)}</uuid></capability></device>`,
    );
  }
  const file = join(folder, 'vm.xml');
  const read = (): string => readFileSync(file, 'utf8');
  const command = (words: readonly string[]) =>
    run(words, { connect: () => connect(uri), env: { VIRT_NODEDEV_URI: uri }, cwd: folder });
  const errors = async (): Promise<readonly string[]> => {
    const [report] = await connection.validate([read()]);
    return (report?.issues ?? [])
      .filter(({ severity }) => severity === 'error')
      .map(({ code, message }) => `${code} ${message.replaceAll(/\bline \d+/gu, 'line')}`);
  };
  const seen = { written: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(domains, edits, async (numbers, sequence) => {
      writeFileSync(file, xmlOf(numbers));
      for (const edit of sequence) {
        const before = read();
        const known = new Set(await errors());
        const words = wordsOf(edit);
        const { code } = await command(words);
        const after = read();
        expect((await errors()).filter((error) => !known.has(error))).toEqual([]);
        const again = await command(words);
        const isDone = code === 0;
        expect([again.code, read()]).toEqual([code, isDone ? after : before]);
        seen[isDone ? 'written' : 'refused'] += 1;
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 25) },
  );
  await connection.close();
  expect(Math.min(seen.written, seen.refused)).toBeGreaterThan(5);
});
