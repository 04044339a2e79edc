import { describe, expect, it } from 'vitest';
import { parseDomain } from '../../src/domain/parse-domain.ts';
import { vmArguments, type VmOptions } from '../../src/domain/vm-arguments.ts';

const UUID = '6a2bd1b8-7b1b-4e32-8a5c-0a1f3b5d9e03';
const OTHER = '6a2bd1b8-7b1b-4e32-8a5c-0a1f3b5d9e04';

const hostdev = (uuid: string, more = ''): string =>
  `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${uuid}'/></source>${more}</hostdev>`;

interface Started extends Partial<VmOptions> {
  readonly type?: string;
}

const vm = (content: string, { type = 'qemu', kvm = false, ...boot }: Started = {}) =>
  vmArguments(parseDomain(`<domain type='${type}'>${content}</domain>`), {
    sockets: new Map([[UUID, '/run/a,b.sock']]),
    kvm,
    ...boot,
  });

const NAMED = '<name>vm1</name><memory unit="MiB">256</memory>';
const BARE =
  '-accel tcg -m 256M -smp 1 -nodefaults -no-user-config -display none -serial stdio'.split(' ');

it('a VM with a served device, and nothing else', () => {
  expect(vm(`${NAMED}<devices>${hostdev(UUID)}</devices>`)).toEqual({
    words: [
      '-name',
      'guest=vm1',
      ...BARE,
      '-device',
      '{"driver":"vfio-user-pci","id":"hostdev0","socket":{"path":"/run/a,b.sock","type":"unix"}}',
    ],
    leftOut: [],
  });
});

describe('what the domain says', () => {
  it.each([
    ['a name with commas', '<name>a,b=c</name><memory>1024</memory>', ['guest=a,,b=c', '1M']],
    ['memory in KiB, rounded up', '<name>a</name><memory>1025</memory>', ['2M']],
    ['memory in GB', '<name>a</name><memory unit="GB">1</memory>', ['954M']],
    ['its uuid', `${NAMED}<uuid>${OTHER}</uuid>`, ['-uuid', OTHER]],
    ['CPUs', `${NAMED}<vcpu>4</vcpu>`, ['-smp', '4']],
    ['its machine', `${NAMED}<os><type machine='q35'>hvm</type></os>`, ['-machine', 'q35']],
    [
      'its kernel',
      `${NAMED}<os><type>hvm</type><kernel>/k</kernel><initrd>/i</initrd><cmdline>a b</cmdline></os>`,
      ['-kernel', '/k', '-initrd', '/i', '-append', 'a b'],
    ],
  ])('%s', (_, content, words) => {
    expect(vm(content).words).toEqual(expect.arrayContaining(words));
  });

  it('its kernel, unless another one is named', () => {
    const { words } = vm(`${NAMED}<os><kernel>/k</kernel><cmdline>a</cmdline></os>`, {
      kernel: '/other',
      append: 'b',
    });
    expect(words.slice(-4)).toEqual(['-kernel', '/other', '-append', 'b']);
  });
});

it('what it leaves out is listed, each once', () => {
  const devices = `<emulator>/q</emulator><disk/><disk/>${hostdev(UUID, '<address type="pci"/><alias name="ua-a"/>')}${hostdev(OTHER)}`;
  const { leftOut } = vm(
    `${NAMED}<title>t</title><cpu/><os><boot dev='hd'/></os><devices>${devices}</devices>`,
    {
      type: 'kvm',
    },
  );
  expect(leftOut).toEqual([
    'KVM, which this machine does not have',
    '<cpu>',
    '<boot> of <os>',
    '<disk>',
    '<hostdev>',
    '<address> of <hostdev>',
    '<alias> of <hostdev>',
  ]);
  expect(vm(NAMED, { type: 'kvm', kvm: true }).words).toContain('kvm');
});

describe('refused', () => {
  it.each([
    ['no name', '<memory>1024</memory>'],
    ['no memory', '<name>a</name>'],
    ['memory that is no size', '<name>a</name><memory unit="parsec">1</memory>'],
    ['memory that is no number', '<name>a</name><memory>1,size=5</memory>'],
    ['CPUs that are no number', `${NAMED}<vcpu>1,cores=9</vcpu>`],
    [
      'a machine with properties',
      `${NAMED}<os><type machine='pc,dump-guest-core=on'>hvm</type></os>`,
    ],
  ])('%s', (_, content) => {
    expect(() => vm(content)).toThrow(expect.objectContaining({ code: 'domain-invalid' }));
  });
});
