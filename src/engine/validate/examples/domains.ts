import { drivers } from '../../../drivers/registry.ts';
import {
  ccwAddress,
  domain,
  mdev,
  OTHER_UUID,
  otherMdev,
  pciAddress,
  pciHostdev,
  type RuleExamples,
  S390,
  UUID,
} from './example.ts';

const REFUSES = 'libvirt refuses the domain in the same words.';
const STARTS_NOT = 'libvirt accepts the domain, but QEMU refuses it, and the VM does not start.';

const MAY_NOT_START = 'Whether the VM starts depends on the version of the vendor’s driver.';

const AP = "model='vfio-ap'";
const CCW = "model='vfio-ccw'";
const PCI = "model='vfio-pci'";
const VNC = "<graphics type='vnc'/>";
const EGL = "<graphics type='egl-headless'/>";
const spice = (listen: string): string =>
  `<graphics type='spice'>\n  ${listen}\n  <gl enable='yes'/>\n</graphics>`;
const SCREEN = mdev({ attributes: `model='vfio-pci' display='on'` });
const DISK = "<disk type='file'><source file='/vm.img'/><target dev='sda' bus='scsi'/></disk>";
const PORT = "<controller type='pci' index='1' model='pcie-root-port'/>";
const USB =
  "<hostdev mode='subsystem' type='usb'>\n  <source><vendor id='0x1234'/><product id='0xbeef'/></source>\n</hostdev>";
const CAPABILITIES =
  "<hostdev mode='capabilities' type='misc'>\n  <source><char>/dev/input/event3</char></source>\n</hostdev>";
const zpci = (uid: string, fid: string): string =>
  `<address type='pci'><zpci uid='${uid}' fid='${fid}'/></address>`;
const QEMU = 'http://libvirt.org/schemas/domain/qemu/1.0';
const withQemu = (content: string, namespace = ` xmlns:qemu='${QEMU}'`): string =>
  domain([mdev()])
    .replace("type='kvm'>", `type='kvm'${namespace}>`)
    .replace('</domain>', `  ${content.replaceAll('\n', '\n  ')}\n</domain>`);
const argument = (...values: readonly string[]): string =>
  `<qemu:commandline>\n${values.map((value) => `  <qemu:arg value='${value}'/>\n`).join('')}</qemu:commandline>`;
const twoMdevs = domain([mdev(), otherMdev()]);
const oneMdev = domain([mdev()]);

/** Of whole domains. */
export const domainExamples: RuleExamples = {
  'pci-address-duplicate': {
    why: REFUSES,
    wrong: domain([mdev({ more: pciAddress('0x05') }), otherMdev(PCI, pciAddress('0x05'))], {
      machine: 'pc',
    }),
    right: domain([mdev({ more: pciAddress('0x05') }), otherMdev(PCI, pciAddress('0x06'))], {
      machine: 'pc',
    }),
  },
  'pci-address-unusable': {
    why: REFUSES,
    wrong: domain([PORT, mdev({ more: pciAddress('0x02', '0x01') })]),
    right: domain([PORT, mdev({ more: pciAddress('0x00', '0x01') })]),
  },
  'pci-controller': { why: REFUSES, wrong: domain([PORT, PORT]), right: domain([PORT]) },
  'ccw-devno-duplicate': {
    why: REFUSES,
    wrong: domain(
      [mdev({ attributes: CCW, more: ccwAddress('0x0001') }), otherMdev(CCW, ccwAddress('0x0001'))],
      S390,
    ),
    right: domain(
      [mdev({ attributes: CCW, more: ccwAddress('0x0001') }), otherMdev(CCW, ccwAddress('0x0002'))],
      S390,
    ),
  },
  'zpci-duplicate': {
    why: REFUSES,
    wrong: domain(
      [mdev({ more: zpci('0x0001', '0x00000000') }), otherMdev(PCI, zpci('0x0001', '0x00000001'))],
      S390,
    ),
    right: domain(
      [mdev({ more: zpci('0x0001', '0x00000000') }), otherMdev(PCI, zpci('0x0002', '0x00000001'))],
      S390,
    ),
  },
  'zpci-uid-range': {
    why: REFUSES,
    wrong: domain([mdev({ more: zpci('0x0000', '0x00000001') })], S390),
    right: domain([mdev({ more: zpci('0x0001', '0x00000001') })], S390),
  },
  'zpci-arch': {
    why: REFUSES,
    wrong: domain([mdev({ more: zpci('0x0001', '0x00000000') })]),
    right: domain([mdev({ more: zpci('0x0001', '0x00000000') })], S390),
  },
  'domain-type-without-mdev': {
    why: 'Containers and other hypervisors have no VFIO; the device is not in the guest.',
    wrong: domain([mdev()], { type: 'lxc' }),
    right: oneMdev,
  },
  'mdev-model-arch': {
    why: 'QEMU for this machine has no such device; libvirt refuses the domain.',
    wrong: domain([mdev({ attributes: AP })]),
    right: domain([mdev({ attributes: AP })], S390),
  },
  'hostdev-capabilities-mode': {
    why: REFUSES,
    wrong: domain([CAPABILITIES]),
    right: domain([CAPABILITIES], { type: 'lxc' }),
  },
  'usb-disabled': {
    why: REFUSES,
    wrong: domain(["<controller type='usb' model='none'/>", USB]),
    right: domain(["<controller type='usb' model='qemu-xhci'/>", USB]),
  },
  'display-without-graphics': {
    why: 'Nobody could see the screen; libvirt refuses the domain.',
    wrong: domain([mdev({ attributes: `${PCI} display='on'` })]),
    right: domain([VNC, EGL, SCREEN]),
  },
  'ap-multiple': {
    why: 'QEMU has one matrix of crypto adapters for each VM; libvirt refuses the domain.',
    wrong: domain([mdev({ attributes: AP }), otherMdev(AP)], S390),
    right: domain([mdev({ attributes: AP })], S390),
  },
  'display-model': {
    why: STARTS_NOT,
    wrong: domain([mdev({ attributes: `${CCW} display='off'` })], S390),
    right: domain([mdev({ attributes: CCW })], S390),
  },
  'ramfb-without-display': {
    why: STARTS_NOT,
    wrong: domain([VNC, mdev({ attributes: `${PCI} ramfb='on'` })]),
    right: domain([VNC, EGL, mdev({ attributes: `${PCI} display='on' ramfb='on'` })]),
  },
  'display-without-opengl': {
    why: 'Such a device draws into memory that only OpenGL reads: QEMU refuses it, and the VM does not start.',
    wrong: domain([VNC, SCREEN]),
    right: domain([VNC, EGL, SCREEN]),
  },
  'display-not-shown': {
    why: 'The screen is drawn, and no program can connect to see it.',
    wrong: domain([EGL, SCREEN]),
    right: domain([VNC, EGL, SCREEN]),
  },
  'spice-gl-remote': {
    why: 'QEMU 7.2 passes what OpenGL draws to viewers on the same machine only; with a port it does not start.',
    wrong: domain([spice("<listen type='address' address='127.0.0.1'/>"), SCREEN]),
    right: domain([spice("<listen type='none'/>"), SCREEN]),
  },
  'qemu-set-device': {
    why: 'libvirt describes its devices to QEMU in a form that -set does not know; the VM does not start.',
    wrong: withQemu(argument('-set', 'device.hostdev0.x-igd-opregion=on')),
    right: withQemu(
      "<qemu:override>\n  <qemu:device alias='hostdev0'>\n    <qemu:frontend>\n      <qemu:property name='x-igd-opregion' type='bool' value='true'/>\n    </qemu:frontend>\n  </qemu:device>\n</qemu:override>",
    ),
  },
  'domain-element-lost': {
    why: 'libvirt ignores it without a word: the VM starts, without its host device.',
    wrong: oneMdev.replaceAll('devices>', 'device>'),
    right: oneMdev,
  },
  'domain-element-unknown': {
    why: 'libvirt ignores it without a word, so the domain is another one than its author thinks.',
    wrong: domain([DISK.replace('<target', '<tagret')]),
    right: domain([DISK]),
  },
  'domain-attribute-unknown': {
    why: 'libvirt ignores it without a word, so the domain is another one than its author thinks.',
    wrong: domain([DISK.replace('dev=', 'device=')]),
    right: domain([DISK]),
  },
  'domain-namespace-missing': {
    why: 'libvirt ignores it without a word: QEMU does not get the arguments.',
    wrong: withQemu(argument('-S'), ''),
    right: withQemu(argument('-S')),
  },
  'host-without-vfio': {
    why: REFUSES.replace('the domain', 'to start the domain'),
    given: 'The host has no /dev/vfio/vfio.',
    wrong: oneMdev,
    right: domain([VNC]),
  },
  'mdev-not-active': {
    why: 'The domain does not start. A device of a kernel is gone after a reboot if nobody defined it.',
    given: `The host has only the device ${UUID}.`,
    wrong: domain([otherMdev()]),
    right: oneMdev,
  },
  'mdev-model-mismatch': {
    why: 'The domain does not start.',
    given: `The type of ${UUID} has the device API vfio-pci.`,
    wrong: domain([mdev({ attributes: CCW })], S390),
    right: domain([mdev()], S390),
  },
  'mdev-in-use': {
    why: 'The domain does not start while the other one runs.',
    given: `${UUID} is in a group that the domain 'other' owns.`,
    wrong: oneMdev,
    right: domain([mdev()], { name: 'other' }),
  },
  'mdev-unusable': {
    why: 'The domain does not start, and QEMU says only that it cannot open the device.',
    given: `${UUID} is bound to no driver.`,
    wrong: oneMdev,
    right: domain([otherMdev()]),
  },
  'mdev-start-fails': {
    why: 'The hook starts what is defined, and refuses the start of a domain whose device it cannot start.',
    given: `The hook of libvirt is installed; ${UUID} and ${OTHER_UUID} are defined, but the parent of the first is gone.`,
    wrong: oneMdev,
    right: domain([otherMdev()]),
  },
  'mdev-type-differs': {
    why: 'After the next start of the device, the domain has another one than today.',
    given: `${UUID} is active with another type than it is defined with; ${OTHER_UUID} is not.`,
    wrong: oneMdev,
    right: domain([otherMdev()]),
  },
  'hostdev-function-in-use': {
    why: 'The whole device goes to one domain, so the driver loses it, and with it the mediated devices of others.',
    given: `The parent of ${UUID} is the PCI device 0000:86:00.0.`,
    wrong: domain([pciHostdev()]),
    right: oneMdev,
  },
  'hostdev-function-managed': {
    why: 'libvirt unbinds the function from the driver that gave it its type, and so the vGPU is gone.',
    given: 'The PCI device 0000:86:00.0 is a virtual function with a type.',
    wrong: domain([pciHostdev({ attributes: "managed='yes'" })]),
    right: domain([pciHostdev({ attributes: "managed='no'" })]),
  },
  'guest-address-of-host': {
    why: 'The address is a place in the guest, where libvirt adds bus after bus up to that number.',
    given: `The parent of ${UUID} is the PCI device 0000:86:00.0.`,
    wrong: domain([mdev({ more: pciAddress('0x00', '0x86') })]),
    right: oneMdev,
  },
  'display-needs-opengl': {
    why: STARTS_NOT,
    given: `${UUID} is of a driver that shows its screen as a DMA buffer.`,
    wrong: domain([VNC, mdev({ attributes: `${PCI} display='on'` })]),
    right: domain([
      "<graphics type='egl-headless'/>",
      VNC,
      mdev({ attributes: `${PCI} display='on'` }),
    ]),
  },
  'mdev-groups-differ': {
    why: 'The card is simulated as the proposal of 2016 says: it takes the devices of a VM in one group only.',
    given: `${UUID} and ${OTHER_UUID} are in different groups, on a card with the setting requires-group.`,
    wrong: twoMdevs,
    right: oneMdev,
  },
  'mdev-group-viommu': {
    why: 'Such devices may not reach each other where each has an address space of its own.',
    given: `${UUID} and ${OTHER_UUID} are one group, on a card with the setting requires-group.`,
    wrong: domain(["<iommu model='virtio'/>", mdev(), otherMdev()]),
    right: twoMdevs,
  },
  'mdev-group-incomplete': {
    why: 'The members of a group go to one VM, so nobody else gets the others.',
    given: `${UUID} and ${OTHER_UUID} are one group.`,
    wrong: oneMdev,
    right: twoMdevs,
  },
  'domain-uuid-twice': {
    why: 'libvirt takes only the first domain of a uuid.',
    given: `The domain 'other' has the uuid ${UUID}.`,
    wrong: oneMdev.replace('  <memory>', `  <uuid>${UUID}</uuid>\n  <memory>`),
    right: oneMdev.replace('  <memory>', `  <uuid>${OTHER_UUID}</uuid>\n  <memory>`),
  },
  'mdev-in-two-domains': {
    why: 'Only one of the domains can run.',
    given: `The domain 'other' has ${UUID}, too.`,
    wrong: oneMdev,
    right: domain([otherMdev()]),
  },
  'mdev-group-split': {
    why: 'The members of a group go to one VM; the domain that comes second does not get its own.',
    given: `${UUID} and ${OTHER_UUID} are one group, and the domain 'other' has ${OTHER_UUID}.`,
    wrong: oneMdev,
    right: domain([mdev(), otherMdev()], { name: 'other' }),
  },
  ...Object.fromEntries(
    drivers.flatMap(({ name: driver, vmRules = [] }) =>
      vmRules.map(
        ({ name, severity, example }) =>
          [
            `${driver}-vgpus-${name}`,
            {
              why: severity === 'error' ? STARTS_NOT : MAY_NOT_START,
              given: example,
              wrong: twoMdevs,
              right: oneMdev,
            },
          ] as const,
      ),
    ),
  ),
};
