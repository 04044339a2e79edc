import { describe, expect, test } from 'vitest';
import { type Domain, readDomain } from '../../src/domain/domain.ts';
import type { HostPicture } from '../../src/policy/picture.ts';
import { domainRules } from '../../src/domain/rules/index.ts';
import { validateDomain } from '../../src/domain/validate-domain.ts';
import { readXml } from '../../src/xml/read.ts';
import { activeDevice, definedDevice, domainXml, hostView, mdev, UUID, UUID2 } from './support.ts';

interface Case {
  readonly code: string;
  /** `▸` stands before the place the issue has to point at. */
  readonly wrong: string;
  /** The same domain without the mistake. */
  readonly right: string;
  readonly message: string;
  readonly host?: HostPicture;
  readonly others?: readonly Domain[];
  /** Other rules that rightly speak up too. */
  readonly also?: readonly string[];
}

const s390 = { arch: 's390x' };
const q35 = { machine: 'q35' };
const SOURCE = `<source><address uuid='${UUID}'/></source>`;
const PCI_SOURCE = `<source><address domain='0' bus='0x86' slot='0' function='0'/></source>`;
const pciHostdev = (children = '', attributes = '') =>
  `<hostdev mode='subsystem' type='pci' ${attributes}>${PCI_SOURCE}${children}</hostdev>`;
const guestPci = (slot: string, more = '') =>
  `<address type='pci' domain='0x0000' bus='0x00' slot='${slot}' function='0x0'${more}/>`;
const ccw = (devno: string) => `<address type='ccw' cssid='0xfe' ssid='0x0' devno='${devno}'/>`;
const zpci = (uid: string, fid: string) =>
  `<address type='pci'><zpci uid='${uid}' fid='${fid}'/></address>`;
const onlyVnc = "<graphics type='vnc'/>";
const egl = "<graphics type='egl-headless'/>";
const vnc = onlyVnc + egl;
const localSpice = "<graphics type='spice'><listen type='none'/><gl enable='yes'/></graphics>";
const other = (xml: string): Domain => readDomain(readXml(xml).root);
const otherDomain = other(domainXml(mdev(), { name: 'other' }));
const otherDomain2 = other(domainXml(mdev({ uuid: UUID2 }), { name: 'other' }));

/** What a host must have for a case not to speak of anything else. */
const host = hostView({ active: [activeDevice(), activeDevice({ uuid: UUID2 })] });

const cases: readonly Case[] = [
  {
    code: 'hostdev-mode-invalid',
    wrong: domainXml(`<hostdev ▸mode='subsys' type='mdev' model='vfio-pci'>${SOURCE}</hostdev>`),
    right: domainXml(`<hostdev type='mdev' model='vfio-pci'>${SOURCE}</hostdev>`),
    message: "Invalid value for attribute 'mode' in element 'hostdev': 'subsys'.",
  },
  {
    code: 'hostdev-type-missing',
    wrong: domainXml(`▸<hostdev mode='subsystem'>${SOURCE}</hostdev>`),
    right: domainXml(mdev()),
    message: "Missing required attribute 'type' in element 'hostdev'",
  },
  {
    code: 'hostdev-type-invalid',
    wrong: domainXml(`<hostdev ▸type='vgpu'>${SOURCE}</hostdev>`),
    right: domainXml(mdev()),
    message: "Invalid value for attribute 'type' in element 'hostdev': 'vgpu'.",
  },
  {
    code: 'hostdev-source-missing',
    wrong: domainXml(`\n    ▸<hostdev type='mdev' model='vfio-pci'/>`),
    right: domainXml(mdev()),
    message: 'Missing <source> element in hostdev device',
  },
  {
    code: 'hostdev-source-repeated',
    wrong: domainXml(mdev({ children: `▸<source><address uuid='${UUID2}'/></source>` })),
    right: domainXml(mdev() + mdev({ uuid: UUID2 })),
    message: 'libvirt reads only the first <source>; this one is ignored',
  },
  {
    code: 'startup-policy-not-usb',
    wrong: domainXml(
      `<hostdev type='mdev' model='vfio-pci'><source ▸startupPolicy='optional'><address uuid='${UUID}'/></source></hostdev>`,
    ),
    right: domainXml(
      `<hostdev type='usb'><source startupPolicy='optional'><vendor id='0x1234'/><product id='0xbeef'/></source></hostdev>`,
    ),
    message: 'Setting startupPolicy is only allowed for USB devices',
  },
  {
    code: 'scsi-attribute-not-scsi',
    wrong: domainXml(mdev({ attributes: "▸rawio='yes'" })),
    right: domainXml(
      "<hostdev type='scsi' rawio='yes'><source><adapter name='scsi_host0'/><address bus='0' target='0' unit='0'/></source></hostdev>",
    ),
    message: 'rawio is only supported for scsi host device',
  },
  {
    code: 'model-not-mdev',
    wrong: domainXml(`<hostdev type='pci' ▸model='vfio-pci'>${PCI_SOURCE}</hostdev>`),
    right: domainXml(pciHostdev()),
    message: "'model' attribute in <hostdev> is only supported when type='mdev', not type='pci'",
  },
  {
    code: 'hostdev-switch-invalid',
    wrong: domainXml(mdev({ attributes: "▸display='yes'" })),
    right: domainXml(vnc + mdev({ attributes: "display='on'" })),
    message: "Invalid value for attribute 'display' in element 'hostdev': 'yes'.",
  },
  {
    code: 'mdev-model-missing',
    wrong: domainXml(`▸<hostdev type='mdev'>${SOURCE}</hostdev>`),
    right: domainXml(mdev()),
    message: "Missing required attribute 'model' in element 'hostdev'",
  },
  {
    code: 'mdev-model-invalid',
    wrong: domainXml(`<hostdev type='mdev' ▸model='vfio-platform'>${SOURCE}</hostdev>`),
    right: domainXml(mdev()),
    message: "Invalid value for attribute 'model' in element 'hostdev': 'vfio-platform'.",
  },
  {
    code: 'mdev-source-address-missing',
    wrong: domainXml(`<hostdev type='mdev' model='vfio-pci'>▸<source/></hostdev>`),
    right: domainXml(mdev()),
    message: 'Missing <address> element',
  },
  {
    code: 'mdev-uuid-missing',
    wrong: domainXml(
      "<hostdev type='mdev' model='vfio-pci'><source>▸<address bus='6'/></source></hostdev>",
    ),
    right: domainXml(mdev()),
    message: "Missing 'uuid' attribute for element <address>",
  },
  {
    code: 'mdev-uuid-invalid',
    wrong: domainXml(
      "<hostdev type='mdev' model='vfio-pci'><source><address ▸uuid='zzz'/></source></hostdev>",
    ),
    right: domainXml(mdev({ uuid: UUID.toUpperCase().replaceAll('-', '') })),
    message: 'Cannot parse uuid attribute of element <address>',
  },
  {
    code: 'hostdev-thread-form',
    wrong: domainXml(
      `▸<hostdev mode='subsystem' type='pci'><source type='mdev'><uuid>${UUID}</uuid></source></hostdev>`,
    ),
    right: domainXml(mdev()),
    message: 'no released libvirt reads this form of a mediated hostdev',
  },
  {
    code: 'boot-order-invalid',
    wrong: domainXml(mdev({ model: 'vfio-ccw', children: "<boot ▸order='0'/>" }), s390),
    right: domainXml(mdev({ model: 'vfio-ccw', children: "<boot order='1'/>" }), s390),
    message: "Invalid value for attribute 'order' in element 'boot': Zero is not permitted",
  },
  {
    code: 'boot-loadparm-invalid',
    wrong: domainXml(
      mdev({ model: 'vfio-ccw', children: "<boot order='1' ▸loadparm='PROD_1'/>" }),
      s390,
    ),
    right: domainXml(
      mdev({ model: 'vfio-ccw', children: "<boot order='1' loadparm='Prod 1.2'/>" }),
      s390,
    ),
    message: "invalid loadparm char '_', expecting chars in set of [a-zA-Z0-9.] and blank spaces",
  },
  {
    code: 'acpi-index-invalid',
    wrong: domainXml(mdev({ children: "<acpi ▸index='0'/>" })),
    right: domainXml(mdev({ children: "<acpi index='1'/>" })),
    message:
      "Invalid value for attribute 'index' in element 'acpi': '0'. Expected non-negative integer value",
  },
  {
    code: 'address-type-invalid',
    wrong: domainXml(mdev({ children: "▸<address bus='0' slot='2'/>" })),
    right: domainXml(mdev({ children: guestPci('0x02') })),
    message: "Missing required attribute 'type' in element 'address'",
  },
  {
    code: 'address-number-invalid',
    wrong: domainXml(mdev({ children: "<address type='pci' bus='0' ▸slot='two'/>" })),
    right: domainXml(mdev({ children: "<address type='pci' bus='00' slot='2'/>" })),
    message:
      "Invalid value for attribute 'slot' in element 'address': 'two'. Expected non-negative integer value",
  },
  {
    code: 'pci-address-range',
    wrong: domainXml(mdev({ children: "▸<address type='pci' slot='0x20'/>" })),
    right: domainXml(mdev({ children: "<address type='pci' slot='0x1f'/>" })),
    message: "Invalid PCI address slot='0x20', must be <= 0x1F",
  },
  {
    code: 'ccw-address-invalid',
    wrong: domainXml(
      mdev({
        model: 'vfio-ccw',
        children: "▸<address type='ccw' cssid='0xfe' ssid='4' devno='1'/>",
      }),
      s390,
    ),
    right: domainXml(mdev({ model: 'vfio-ccw', children: ccw('0xffff') }), s390),
    message: "Invalid specification for virtio ccw address: cssid='0xfe' ssid='0x4' devno='0x0001'",
  },
  {
    code: 'mdev-address-type',
    wrong: domainXml(mdev({ children: "<address ▸type='ccw' cssid='0xfe' ssid='0' devno='0'/>" })),
    right: domainXml(mdev({ children: guestPci('0x02') })),
    message: "Unsupported address type 'ccw' with mediated device model 'vfio-pci'",
  },
  {
    code: 'boot-order-duplicate',
    wrong: domainXml(
      `<disk><boot order='1'/></disk>${mdev({ model: 'vfio-ccw', children: "▸<boot order='1'/>" })}`,
      s390,
    ),
    right: domainXml(
      `<disk><boot order='1'/></disk>${mdev({ model: 'vfio-ccw', children: "<boot order='2'/>" })}`,
      s390,
    ),
    message: "boot order '1' used for more than one device",
  },
  {
    code: 'boot-order-with-os-boot',
    wrong: domainXml(mdev({ model: 'vfio-ccw', children: "▸<boot order='1'/>" }), {
      ...s390,
      os: "<boot dev='hd'/>",
    }),
    right: domainXml(mdev({ model: 'vfio-ccw' }), { ...s390, os: "<boot dev='hd'/>" }),
    message: 'per-device boot elements cannot be used together with os/boot elements',
  },
  {
    code: 'hostdev-address-type',
    wrong: domainXml(pciHostdev("<address ▸type='drive' controller='0'/>")),
    right: domainXml(pciHostdev("<address type='unassigned'/>")),
    message: "PCI host devices must use 'pci' or 'unassigned' address type",
  },
  {
    code: 'hostdev-duplicate',
    wrong: domainXml(
      `${mdev()}\n<hostdev type='mdev' model='vfio-ap'><source><address ▸uuid='${UUID.toUpperCase()}'/></source></hostdev>`,
      s390,
    ),
    right: domainXml(mdev() + mdev({ uuid: UUID2, model: 'vfio-ap' }), s390),
    message: 'Hostdev already exists in the domain configuration',
  },
  {
    code: 'ramfb-multiple',
    wrong: domainXml(
      `${vnc}${mdev({ attributes: "display='on' ramfb='on'" })}\n${pciHostdev('', "display='on' ▸ramfb='on'")}`,
    ),
    right: domainXml(
      vnc + mdev({ attributes: "display='on' ramfb='on'" }) + pciHostdev('', "display='on'"),
    ),
    message: "Only one vgpu device can have 'ramfb' enabled",
  },
  {
    code: 'alias-duplicate',
    wrong: domainXml(
      `<disk><alias name='ua-x'/></disk>${mdev({ children: "▸<alias name='ua-x'/>" })}`,
    ),
    right: domainXml(
      `<disk><alias name='ua-x'/></disk>${mdev({ children: "<alias name='ua-y'/>" })}`,
    ),
    message: 'non unique alias detected: ua-x',
  },
  {
    code: 'hostdev-teaming',
    wrong: domainXml(mdev({ children: "▸<teaming type='transient' persistent='ua-net'/>" })),
    right: domainXml(pciHostdev("<teaming type='transient' persistent='ua-net'/>")),
    message: 'teaming is only supported for pci hostdev devices',
  },
  {
    code: 'pci-address-duplicate',
    wrong: domainXml(`<disk>${guestPci('0x05')}</disk>${mdev({ children: `▸${guestPci('5')}` })}`),
    // The first console is the serial port again.
    right: domainXml(
      `<disk>${guestPci('0x05')}</disk>${mdev({ children: guestPci('6') })}<serial>${guestPci('7')}</serial>` +
        `<console><target type='serial'/>${guestPci('7')}</console>`,
    ),
    message: 'Attempted double use of PCI Address 0000:00:05.0',
  },
  {
    code: 'pci-address-unusable',
    wrong: domainXml(
      `<controller type='pci' index='1' model='pcie-root-port'/>${mdev({ children: "▸<address type='pci' bus='1' slot='2'/>" })}`,
      q35,
    ),
    right: domainXml(
      `<controller type='pci' index='1' model='pcie-root-port'/>${mdev({ children: "<address type='pci' bus='1' slot='0'/>" })}`,
      q35,
    ),
    message: 'Invalid PCI address 0000:01:02.0. slot must be <= 0',
  },
  {
    code: 'domain-element-lost',
    wrong: `<domain type='kvm'>▸<device>${mdev()}</device></domain>`,
    right: `<domain type='kvm'><devices>${mdev()}</devices></domain>`,
    message:
      '<device> is not known in <domain>; libvirt ignores it and all that is in it: a host device',
  },
  {
    code: 'domain-element-unknown',
    wrong: domainXml("<disk><source file='/x'/>▸<tagret dev='vda'/></disk>"),
    right: domainXml("<disk><source file='/x'/><target dev='vda'/></disk>"),
    message: '<tagret> is not known in <disk>; libvirt ignores it and all that is in it',
  },
  {
    code: 'domain-attribute-unknown',
    wrong: domainXml("<disk><target ▸device='vda'/></disk>"),
    right: domainXml("<disk><target dev='vda'/></disk>"),
    message: "attribute 'device' of <target> is not known; libvirt ignores it",
  },
  {
    code: 'domain-namespace-missing',
    wrong:
      "<domain type='kvm'>▸<qemu:commandline><qemu:arg value='-S'/></qemu:commandline></domain>",
    right:
      "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:commandline><qemu:arg value='-S'/></qemu:commandline></domain>",
    message: '<qemu:commandline> has no namespace; libvirt ignores it and all that is in it',
  },
  {
    code: 'pci-controller',
    wrong: domainXml(
      "<controller type='pci' index='1' model='pcie-root-port'/>▸<controller type='pci' index='1' model='pcie-root-port'/>",
      q35,
    ),
    right: domainXml("<controller type='pci' index='1' model='pcie-root-port'/>", q35),
    message: "Multiple 'pci' controllers with index '1'",
  },
  {
    code: 'ccw-devno-duplicate',
    wrong: domainXml(
      `<memballoon>${ccw('0x0001')}</memballoon>${mdev({ model: 'vfio-ccw', children: `▸${ccw('1')}` })}`,
      s390,
    ),
    right: domainXml(
      `<memballoon>${ccw('0x0001')}</memballoon>${mdev({ model: 'vfio-ccw', children: ccw('2') })}`,
      s390,
    ),
    message: "The CCW devno 'fe.0.0001' is in use already",
  },
  {
    code: 'zpci-duplicate',
    wrong: domainXml(
      `${mdev({ children: zpci('0x19', '1') })}\n<hostdev type='mdev' model='vfio-pci'><source><address uuid='${UUID2}'/></source><address type='pci'>▸<zpci uid='25' fid='2'/></address></hostdev>`,
      s390,
    ),
    right: domainXml(
      mdev({ children: zpci('0x19', '1') }) + mdev({ uuid: UUID2, children: zpci('26', '2') }),
      s390,
    ),
    message: 'zPCI uid 31 is already reserved (octal for 0x0019)',
  },
  {
    code: 'zpci-uid-range',
    wrong: domainXml(
      mdev({ children: "<address type='pci'><zpci ▸uid='0x10000' fid='0'/></address>" }),
      s390,
    ),
    right: domainXml(mdev({ children: zpci('0xffff', '0xffffffff') }), s390),
    message: "Invalid PCI address uid='0x10000', must be > 0x0000 and <= 0xffff",
  },
  {
    code: 'zpci-arch',
    wrong: domainXml(mdev({ children: "<address type='pci'>▸<zpci uid='1' fid='0'/></address>" })),
    right: domainXml(mdev({ children: zpci('1', '0') }), s390),
    message: "This QEMU binary doesn't support zPCI",
  },
  {
    code: 'domain-type-without-mdev',
    wrong: domainXml(`▸${mdev()}`, { type: 'lxc' }),
    right: domainXml(mdev(), { type: 'test' }),
    message: "a domain of type 'lxc' takes no mediated devices",
  },
  {
    code: 'mdev-model-arch',
    wrong: domainXml(`<hostdev type='mdev' ▸model='vfio-ap'>${SOURCE}</hostdev>`),
    right: domainXml(mdev({ model: 'vfio-ap' }), s390),
    message: 'VFIO AP device assignment is not supported by this version of QEMU',
  },
  {
    code: 'hostdev-capabilities-mode',
    wrong: domainXml(
      "<hostdev ▸mode='capabilities' type='misc'><source><char>/dev/x</char></source></hostdev>",
    ),
    right: domainXml(
      "<hostdev mode='capabilities' type='misc'><source><char>/dev/x</char></source></hostdev>",
      { type: 'lxc' },
    ),
    message: "hostdev mode 'capabilities' is not supported in kvm",
  },
  {
    code: 'qemu-set-device',
    wrong:
      "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:commandline><qemu:arg value='-set'/>▸<qemu:arg value='device.hostdev0.x-igd-opregion=on'/></qemu:commandline></domain>",
    right:
      "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:commandline><qemu:arg value='-S'/><qemu:arg value='device.hostdev0.x=on'/></qemu:commandline></domain>",
    message: "QEMU finds no device 'hostdev0' for -set, and the VM does not start",
  },
  {
    code: 'usb-disabled',
    wrong: domainXml(
      "<controller type='usb' model='none'/>▸<hostdev type='usb'><source><vendor id='0x1'/><product id='0x2'/></source></hostdev>",
    ),
    right: domainXml(
      "<controller type='usb'/><hostdev type='usb'><source><vendor id='0x1'/><product id='0x2'/></source></hostdev>",
    ),
    message: "Can't add host USB device: USB is disabled in this host",
  },
  {
    code: 'write-filtering-unsupported',
    wrong: domainXml(pciHostdev().replace('<source>', "<source ▸writeFiltering='no'>")),
    right: domainXml(pciHostdev()),
    message: 'Write filtering of PCI device configuration space is not supported by qemu',
  },
  {
    code: 'mdev-boot-unsupported',
    wrong: domainXml(mdev({ children: "▸<boot order='1'/>" })),
    right: domainXml(mdev({ model: 'vfio-ccw', children: "<boot order='1'/>" }), s390),
    message: 'booting from assigned devices is not supported by mediated devices of model vfio-pci',
  },
  {
    code: 'vhost-scsi-boot-unsupported',
    wrong: domainXml(
      "<hostdev type='scsi_host'><source protocol='vhost' wwpn='naa.5123456789abcde0'/>▸<boot order='1'/></hostdev>",
    ),
    right: domainXml(
      "<hostdev type='scsi_host' model='virtio-transitional'><source protocol='vhost' wwpn='naa.5123456789abcde0'/></hostdev>",
    ),
    message: 'booting from assigned devices is not supported by vhost SCSI devices',
  },
  {
    code: 'display-without-graphics',
    wrong: domainXml(mdev({ attributes: "▸display='on'" })),
    right: domainXml(mdev({ attributes: "display='on'" }) + vnc),
    message: "graphics device is needed for attribute value 'display=on' in <hostdev>",
  },
  {
    code: 'ap-multiple',
    wrong: domainXml(
      `${mdev({ model: 'vfio-ap' })}\n▸${mdev({ model: 'vfio-ap', uuid: UUID2 })}`,
      s390,
    ),
    right: domainXml(mdev({ model: 'vfio-ap' }) + mdev({ model: 'vfio-ccw', uuid: UUID2 }), s390),
    message: 'Only one hostdev of model vfio-ap is supported',
  },
  {
    code: 'display-model',
    wrong: domainXml(mdev({ model: 'vfio-ccw', attributes: "▸display='off'" }), s390),
    right: domainXml(mdev({ attributes: "display='off'" }), s390),
    message: "<hostdev> attribute 'display' is only supported with model='vfio-pci'",
  },
  {
    code: 'ramfb-without-display',
    wrong: domainXml(mdev({ attributes: "▸ramfb='on'" })),
    right: domainXml(vnc + mdev({ attributes: "display='on' ramfb='on'" })),
    message: 'ramfb=on requires display=on',
  },
  {
    code: 'display-without-opengl',
    wrong: domainXml(onlyVnc + mdev({ attributes: "▸display='on'" })),
    right: domainXml(vnc + mdev({ attributes: "display='on'" })),
    message: 'no <graphics> has OpenGL, which the screen of an i915 or mbochs device needs',
  },
  {
    code: 'display-not-shown',
    wrong: domainXml(`▸${egl}${mdev({ attributes: "display='on'" })}`),
    right: domainXml(egl + mdev({ attributes: "display='off'" })),
    message: 'egl-headless graphics render the screen, but nobody can see it',
  },
  {
    code: 'spice-gl-remote',
    wrong: domainXml(
      `<graphics type='spice' autoport='yes'><gl ▸enable='yes'/></graphics>${mdev({ attributes: "display='on'" })}`,
    ),
    right: domainXml(localSpice + mdev({ attributes: "display='on'" })),
    message: 'SPICE GL support is local-only for now and incompatible with a port',
  },
  {
    code: 'mdev-managed-ignored',
    wrong: domainXml(mdev({ attributes: "▸managed='yes'" })),
    right: domainXml(mdev({ attributes: "managed='no'" }) + pciHostdev('', "managed='yes'")),
    message:
      "managed='yes' and 'no' are the same for a mediated device: libvirt neither creates nor removes it",
  },
  {
    code: 'ap-address-ignored',
    wrong: domainXml(mdev({ model: 'vfio-ap', children: `▸${guestPci('0x02')}` }), s390),
    right: domainXml(mdev({ model: 'vfio-ap' }), s390),
    message: 'the address of a vfio-ap device is ignored',
  },
  {
    code: 'alias-ignored',
    wrong: domainXml(mdev({ children: "▸<alias name='vgpu'/>" })),
    right: domainXml(
      mdev({ children: "<alias name='ua-vgpu'/>" }) +
        mdev({ uuid: UUID2, children: "<alias name='hostdev1'/>" }),
    ),
    message: "libvirt ignores the alias 'vgpu'",
  },
  {
    code: 'mdev-rom-ignored',
    wrong: domainXml(mdev({ children: "▸<rom bar='off'/>" })),
    right: domainXml(pciHostdev("<rom bar='off'/>")),
    message: '<rom> is ignored for mediated devices',
  },
  {
    code: 'mdev-driver-ignored',
    wrong: domainXml(mdev({ children: "▸<driver iommufd='yes'/>" })),
    right: domainXml(pciHostdev("<driver iommufd='yes'/>")),
    message:
      "<driver iommufd='yes'/> is ignored for mediated devices: libvirt has it for PCI devices only",
  },
  {
    code: 'host-without-vfio',
    wrong: domainXml(`▸${mdev()}`),
    right: domainXml(vnc),
    host: hostView({ active: [activeDevice()], hasVfio: false }),
    message: 'Mediated host device assignment requires VFIO support',
  },
  {
    code: 'mdev-not-active',
    wrong: domainXml(
      `<hostdev type='mdev' model='vfio-pci'><source><address ▸uuid='3627463d-b7f0-4fea-b468-f1da537d301b'/></source></hostdev>`,
    ),
    right: domainXml(mdev()),
    host,
    message:
      "mediated device '3627463d-b7f0-4fea-b468-f1da537d301b' not found: it was never defined",
  },
  {
    code: 'mdev-model-mismatch',
    wrong: domainXml(`<hostdev type='mdev' ▸model='vfio-ccw'>${SOURCE}</hostdev>`, s390),
    right: domainXml(mdev(), s390),
    host,
    message: `invalid device API 'vfio-ccw' for device ${UUID}: device only supports 'vfio-pci'`,
  },
  {
    code: 'mdev-in-use',
    wrong: domainXml(
      `<hostdev type='mdev' model='vfio-pci'><source><address ▸uuid='${UUID}'/></source></hostdev>`,
    ),
    right: domainXml(mdev(), { name: 'other' }),
    host: hostView({
      active: [activeDevice({ group: 'a' })],
      claimed: { a: { name: 'other' } },
    }),
    message: `'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0' is a member of group 'a', which belongs to domain 'other'`,
  },
  {
    code: 'mdev-unusable',
    wrong: domainXml(
      `<hostdev type='mdev' model='vfio-pci'><source><address ▸uuid='${UUID}'/></source></hostdev>`,
    ),
    right: domainXml(mdev({ uuid: UUID2 })),
    host: hostView({
      active: [activeDevice({ obstacle: () => 'no-driver' }), activeDevice({ uuid: UUID2 })],
    }),
    message: `no VM can open mediated device ${UUID}: it is bound to no driver`,
  },
  {
    code: 'mdev-start-fails',
    wrong: domainXml(
      `<hostdev type='mdev' model='vfio-pci'><source><address ▸uuid='${UUID}'/></source></hostdev>`,
    ),
    right: domainXml(mdev({ uuid: UUID2 })),
    host: hostView({
      defined: {
        [UUID]: [definedDevice({ obstacle: 'parent-gone' })],
        [UUID2]: [definedDevice({ uuid: UUID2 })],
      },
      hasHook: true,
    }),
    message: `mediated device '${UUID}' is not active, and cannot be started: its parent 0000:86:00.0 is not there`,
  },
  {
    code: 'mdev-type-differs',
    wrong: domainXml(
      `<hostdev type='mdev' model='vfio-pci'><source><address ▸uuid='${UUID}'/></source></hostdev>`,
    ),
    right: domainXml(mdev({ uuid: UUID2 })),
    host: hostView({
      active: [activeDevice(), activeDevice({ uuid: UUID2 })],
      defined: { [UUID]: [definedDevice({ type: 'nvidia-17' })] },
    }),
    message: `'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0' is of type nvidia-18, but its definition of type nvidia-17: after the next start the domain has another device`,
  },
  {
    code: 'hostdev-function-in-use',
    wrong: domainXml(`▸${pciHostdev()}`),
    right: domainXml(pciHostdev().replace('0x86', '0x87')),
    host: hostView({ functions: { '0000:86:00.0': [UUID] } }),
    message: `PCI device 0000:86:00.0 is given as a whole, but its driver has mediated devices on it: ${UUID}`,
  },
  {
    code: 'hostdev-function-managed',
    wrong: domainXml(pciHostdev('', "▸managed='yes'")),
    right: domainXml(pciHostdev('', "managed='no'")),
    host: hostView({ types: { '0000:86:00.0': 'given' } }),
    message: 'PCI function 0000:86:00.0 loses its type when libvirt manages it',
  },
  {
    code: 'guest-address-of-host',
    wrong: domainXml(
      mdev({ children: "▸<address type='pci' domain='0x0000' bus='0x86' slot='0' function='0'/>" }),
      q35,
    ),
    right: domainXml(mdev({ children: guestPci('0x06') })),
    host,
    message: "0000:86:00.0 is the parent's address on the host; here stands the guest's",
  },
  {
    code: 'display-needs-opengl',
    wrong: domainXml(onlyVnc + mdev({ attributes: "▸display='on'" })),
    right: domainXml(localSpice + mdev({ attributes: "display='on'" })),
    host: hostView({ active: [activeDevice({ type: 'i915-GVTg_V5_4', typeName: undefined })] }),
    message: 'vfio-display-dmabuf: opengl not available',
  },
  {
    code: 'mdev-groups-differ',
    wrong: domainXml(
      `${mdev()}\n<hostdev type='mdev' model='vfio-pci'><source><address ▸uuid='${UUID2}'/></source></hostdev>`,
    ),
    right: domainXml(mdev()),
    host: hostView({
      active: [
        activeDevice({ requiresGroup: true, group: 'a' }),
        activeDevice({ requiresGroup: true, uuid: UUID2, group: 'b' }),
      ],
    }),
    message: `the devices of domain 'vm' are in different groups (a, b), but their card takes those of one VM in one group only`,
  },
  {
    code: 'mdev-group-viommu',
    wrong: domainXml(
      `<iommu model='virtio'/>${mdev()}\n<hostdev type='mdev' model='vfio-pci'><source><address ▸uuid='${UUID2}'/></source></hostdev>`,
    ),
    right: domainXml(mdev() + mdev({ uuid: UUID2 })),
    host: hostView({
      active: [
        activeDevice({ requiresGroup: true, group: 'a' }),
        activeDevice({ requiresGroup: true, uuid: UUID2, group: 'a' }),
      ],
    }),
    message:
      'devices of group a share hardware resources, but a guest with a virtual IOMMU gives each an address space of its own',
  },
  {
    code: 'mdev-group-incomplete',
    wrong: domainXml(
      `<hostdev type='mdev' model='vfio-pci'><source><address ▸uuid='${UUID}'/></source></hostdev>`,
    ),
    right: domainXml(mdev() + mdev({ uuid: UUID2 })),
    host: hostView({
      active: [activeDevice({ group: 'a' }), activeDevice({ uuid: UUID2, group: 'a' })],
    }),
    message: `group a has devices this domain does not name: ${UUID2}`,
  },
  {
    code: 'nvidia-vgpus-mixed',
    wrong: domainXml(
      `${mdev()}\n<hostdev type='mdev' model='vfio-pci'><source><address ▸uuid='${UUID2}'/></source></hostdev>`,
    ),
    right: domainXml(mdev()),
    host: hostView({
      active: [
        activeDevice({ typeName: 'NVIDIA A40-48C' }),
        activeDevice({ uuid: UUID2, typeName: 'NVIDIA A16-8C' }),
      ],
    }),
    message: 'A16-8C and A40-48C do not go into one VM: board and series differ',
  },
  {
    code: 'nvidia-vgpus-several',
    wrong: domainXml(
      `${mdev()}\n<hostdev type='mdev' model='vfio-pci'><source><address ▸uuid='${UUID2}'/></source></hostdev>`,
    ),
    right: domainXml(mdev()),
    host: hostView({
      active: [
        activeDevice({ typeName: 'GRID P4-4Q' }),
        activeDevice({ uuid: UUID2, typeName: 'GRID P4-4Q' }),
      ],
    }),
    message:
      'P4-4Q and P4-4Q may not go into one VM: of board P4, NVIDIA lists only P4-8Q for several vGPUs in a VM',
  },
  {
    code: 'domain-uuid-twice',
    wrong: domainXml('').replace('<name>', `▸<uuid>${UUID}</uuid><name>`),
    right: domainXml('').replace('<name>', `<uuid>${UUID2}</uuid><name>`),
    others: [
      readDomain(
        readXml(domainXml('', { name: 'copy' }).replace('<name>', `<uuid>${UUID}</uuid><name>`))
          .root,
      ),
    ],
    message: `domain copy has the uuid ${UUID} too`,
  },
  {
    code: 'mdev-in-two-domains',
    wrong: domainXml(
      `<hostdev type='mdev' model='vfio-pci'><source><address ▸uuid='${UUID}'/></source></hostdev>`,
    ),
    right: domainXml(mdev(), { name: 'other' }),
    others: [otherDomain],
    message: `mediated device ${UUID} is in domain other too`,
  },
  {
    code: 'mdev-group-split',
    wrong: domainXml(
      `<hostdev type='mdev' model='vfio-pci'><source><address ▸uuid='${UUID}'/></source></hostdev>`,
    ),
    right: domainXml(mdev() + mdev({ uuid: UUID2 }), { name: 'other' }),
    host: hostView({
      active: [activeDevice({ group: 'a' }), activeDevice({ uuid: UUID2, group: 'a' })],
    }),
    others: [otherDomain2],
    also: ['mdev-group-incomplete'],
    message: 'group a is split: other members of it are in domain other',
  },
];

/** The text without its marker, and where the marker stood. */
function unmark(text: string): { xml: string; line: number; column: number } {
  const before = text.slice(0, text.indexOf('▸')).split('\n');
  return {
    xml: text.replace('▸', ''),
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
  };
}

test.each([
  ['a definition of a driver that needs no OpenGL', { defined: { [UUID]: [definedDevice()] } }, []],
  [
    'a definition of one that does',
    { defined: { [UUID]: [definedDevice({ type: 'i915-GVTg_V5_4' })] } },
    ['display-without-opengl'],
  ],
  ['an active device', { active: [activeDevice()] }, []],
])('display without OpenGL: %s', (_, what, codes) => {
  const xml = domainXml(onlyVnc + mdev({ attributes: "display='on'" }));
  const found = validateDomain(xml, { host: hostView({ ...what, hasHook: true }) });
  expect(found.map(({ code }) => code)).toEqual(codes);
});

const NETWORK =
  "<interface type='hostdev'><source><address type='pci' bus='1' slot='0' function='0'/></source></interface>";
const FUNCTION =
  "<hostdev mode='subsystem' type='pci'><source><address bus='1' slot='0' function='0'/></source></hostdev>";
const USB =
  "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0xbeef'/></source></hostdev>";
const QEMU = "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>";
const controller = (rest: string) => `<controller type='pci' ${rest}/>`;

// Seen with libvirt 12.8.
test.each([
  ['a host device in a namespace', domainXml("<x:hostdev xmlns:x='u'/>"), 'domain-element-lost'],
  [
    'its devices in one',
    domainXml(mdev()).replace('<devices', "$& xmlns='u'"),
    'domain-element-lost',
  ],
  ['a misspelt element of qemu', `${QEMU}<qemu:comandline/></domain>`, 'domain-namespace-missing'],
  ['an element of qemu', `${QEMU}<qemu:deprecation behavior='omit'/></domain>`, undefined],
  ['a network card', domainXml(NETWORK), undefined],
  ['a network card that is a host device, too', domainXml(NETWORK + FUNCTION), 'hostdev-duplicate'],
  [
    'a USB device by its ids, then by its place, too',
    domainXml(USB + USB.replace('</source>', "<address bus='1' device='2'/></source>")),
    'hostdev-duplicate',
  ],
  ['a controller of no type', domainXml("<controller type='pcie' index='0'/>"), 'pci-controller'],
  [
    'a controller of no model',
    domainXml(controller("index='1' model='pcie-port'")),
    'pci-controller',
  ],
  [
    'a negative index',
    domainXml(controller("index='-1' model='pcie-root-port'")),
    'pci-controller',
  ],
  [
    'an index in words',
    domainXml(controller("index='one' model='pcie-root-port'")),
    'pci-controller',
  ],
])('%s', (_, xml, code) => {
  expect(validateDomain(xml).map((issue) => issue.code)).toEqual(code === undefined ? [] : [code]);
});

describe('every rule', () => {
  test('has a case here; those of vendors may have theirs in test/drivers', () => {
    const tried = cases.map(({ code }) => code);
    const own = domainRules()
      .map(({ code }) => code)
      .filter((code) => !code.includes('-vgpus-') || tried.includes(code));
    expect(own.toSorted()).toEqual(tried.toSorted());
  });

  test.each(domainRules())('$code says where it comes from', ({ code, summary, source }) => {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
    expect(summary.length).toBeGreaterThan(10);
    expect(source.length).toBeGreaterThan(10);
  });

  test.each(cases)('$code: finds its mistake, at its place, and no other', (one) => {
    const { xml, line, column } = unmark(one.wrong);
    const options = { file: 'vm.xml', host: one.host, domains: one.others };
    const issues = validateDomain(xml, options).filter(
      ({ code }) => one.also?.includes(code) !== true,
    );
    const severity = domainRules().find(({ code }) => code === one.code)?.severity;
    expect(issues).toEqual([
      {
        code: one.code,
        message: one.message,
        severity,
        location: { file: 'vm.xml', line, column },
        hint: issues[0]?.hint,
        fix: issues[0]?.fix,
      },
    ]);
    expect(issues[0]?.hint).toMatch(/[.?]$/);
  });

  test.each(cases)('$code: is silent where the mistake is not', ({ right, ...options }) => {
    expect(validateDomain(right, { host: options.host, domains: options.others })).toEqual([]);
  });
});
