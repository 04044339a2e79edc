import {
  ccwAddress,
  domain,
  mdev,
  otherMdev,
  pciAddress,
  pciHostdev,
  type RuleExamples,
  S390,
  UUID,
} from './example.ts';

const REFUSES = 'libvirt refuses the domain in the same words.';
const IGNORES =
  'libvirt ignores it without a word, so the domain is another one than its author thinks.';

const AP = "model='vfio-ap'";
const CCW = "model='vfio-ccw'";
const PCI = "model='vfio-pci'";
const DISK =
  "<disk type='file'><source file='/vm.img'/><target dev='sda' bus='scsi'/><boot order='1'/></disk>";
const SCSI =
  "<hostdev mode='subsystem' type='scsi' rawio='yes'>\n  <source><adapter name='scsi_host0'/><address bus='0' target='0' unit='0'/></source>\n</hostdev>";
const USB = (attributes = ''): string =>
  `<hostdev mode='subsystem' type='usb'>\n  <source${attributes}><vendor id='0x1234'/><product id='0xbeef'/></source>\n</hostdev>`;

/** Of single host devices: what libvirt reads, and what it passes over. */
export const hostdevExamples: RuleExamples = {
  'hostdev-mode-invalid': {
    why: REFUSES,
    wrong: mdev().replace('subsystem', 'subsys'),
    right: mdev(),
  },
  'hostdev-type-missing': {
    why: REFUSES,
    wrong: mdev().replace(" type='mdev'", ''),
    right: mdev(),
  },
  'hostdev-type-invalid': {
    why: REFUSES,
    wrong: mdev().replace("'mdev'", "'vgpu'"),
    right: mdev(),
  },
  'hostdev-source-missing': {
    why: 'Nothing says which device of the host it is; libvirt refuses the domain.',
    wrong: mdev({ source: '' }),
    right: mdev(),
  },
  'hostdev-source-repeated': {
    why: IGNORES,
    wrong: mdev({
      more: "<source><address uuid='3627463d-b7f0-4fea-b468-f1da537d301b'/></source>",
    }),
    right: `${mdev()}\n${otherMdev()}`,
  },
  'startup-policy-not-usb': {
    why: REFUSES,
    wrong: mdev({ source: `<source startupPolicy='optional'><address uuid='${UUID}'/></source>` }),
    right: USB(" startupPolicy='optional'"),
  },
  'scsi-attribute-not-scsi': {
    why: REFUSES,
    wrong: mdev({ attributes: `${PCI} rawio='yes'` }),
    right: SCSI,
  },
  'model-not-mdev': {
    why: REFUSES,
    wrong: pciHostdev({ attributes: PCI }),
    right: pciHostdev(),
  },
  'hostdev-switch-invalid': {
    why: REFUSES,
    wrong: mdev({ attributes: `${PCI} display='yes'` }),
    right: mdev({ attributes: `${PCI} display='on'` }),
  },
  'mdev-model-missing': { why: REFUSES, wrong: mdev({ attributes: '' }), right: mdev() },
  'mdev-model-invalid': {
    why: REFUSES,
    wrong: mdev({ attributes: "model='vfio-platform'" }),
    right: mdev(),
  },
  'mdev-source-address-missing': {
    why: 'Nothing says which device of the host it is; libvirt refuses the domain.',
    wrong: mdev({ source: '<source/>' }),
    right: mdev(),
  },
  'mdev-uuid-missing': {
    why: 'Nothing says which device of the host it is; libvirt refuses the domain.',
    wrong: mdev({ source: "<source><address bus='6'/></source>" }),
    right: mdev(),
  },
  'mdev-uuid-invalid': {
    why: REFUSES,
    wrong: mdev({ source: "<source><address uuid='vgpu1'/></source>" }),
    right: mdev(),
  },
  'hostdev-thread-form': {
    why: 'No released libvirt understands it; it refuses the domain or takes the device for a PCI device.',
    wrong: `<hostdev mode='subsystem' type='pci'>\n  <source type='mdev'><uuid>${UUID}</uuid></source>\n</hostdev>`,
    right: mdev(),
  },
  'boot-order-invalid': {
    why: REFUSES,
    wrong: mdev({ attributes: CCW, more: "<boot order='0'/>" }),
    right: mdev({ attributes: CCW, more: "<boot order='1'/>" }),
  },
  'boot-loadparm-invalid': {
    why: REFUSES,
    wrong: mdev({ attributes: CCW, more: "<boot order='1' loadparm='PROD_1'/>" }),
    right: mdev({ attributes: CCW, more: "<boot order='1' loadparm='PROD.1'/>" }),
  },
  'acpi-index-invalid': {
    why: REFUSES,
    wrong: mdev({ more: "<acpi index='0'/>" }),
    right: mdev({ more: "<acpi index='1'/>" }),
  },
  'address-type-invalid': {
    why: REFUSES,
    wrong: mdev({ more: "<address bus='0x00' slot='0x02'/>" }),
    right: mdev({ more: pciAddress('0x02') }),
  },
  'address-number-invalid': {
    why: REFUSES,
    wrong: mdev({ more: pciAddress('two') }),
    right: mdev({ more: pciAddress('0x02') }),
  },
  'pci-address-range': {
    why: REFUSES,
    wrong: mdev({ more: pciAddress('0x20') }),
    right: mdev({ more: pciAddress('0x1e') }),
  },
  'ccw-address-invalid': {
    why: REFUSES,
    wrong: mdev({
      attributes: CCW,
      more: ccwAddress('0x0001').replace("ssid='0x0'", "ssid='0x4'"),
    }),
    right: mdev({ attributes: CCW, more: ccwAddress('0x0001') }),
  },
  'mdev-address-type': {
    why: 'QEMU has no such place for the device; libvirt refuses the domain.',
    wrong: mdev({ more: ccwAddress('0x0001') }),
    right: mdev({ more: pciAddress('0x02') }),
  },
  'boot-order-duplicate': {
    why: REFUSES,
    wrong: domain([DISK, mdev({ attributes: CCW, more: "<boot order='1'/>" })], S390),
    right: domain([DISK, mdev({ attributes: CCW, more: "<boot order='2'/>" })], S390),
  },
  'boot-order-with-os-boot': {
    why: REFUSES,
    wrong: domain([mdev({ attributes: CCW, more: "<boot order='1'/>" })], {
      ...S390,
      os: "<boot dev='hd'/>",
    }),
    right: domain([mdev({ attributes: CCW, more: "<boot order='1'/>" })], S390),
  },
  'hostdev-address-type': {
    why: REFUSES,
    wrong: pciHostdev({ more: "<address type='drive' controller='0'/>" }),
    right: pciHostdev({ more: "<address type='unassigned'/>" }),
  },
  'hostdev-duplicate': {
    why: 'A device goes into a VM once; libvirt refuses the domain.',
    wrong: `${mdev()}\n${mdev()}`,
    right: `${mdev()}\n${otherMdev()}`,
  },
  'ramfb-multiple': {
    why: 'A VM has one screen before its guest has a driver; libvirt refuses the domain.',
    wrong: `${mdev({ attributes: `${PCI} display='on' ramfb='on'` })}\n${otherMdev(`${PCI} display='on' ramfb='on'`)}`,
    right: `${mdev({ attributes: `${PCI} display='on' ramfb='on'` })}\n${otherMdev(`${PCI} display='on'`)}`,
  },
  'alias-duplicate': {
    why: REFUSES,
    wrong: `${mdev({ more: "<alias name='ua-gpu'/>" })}\n${otherMdev(PCI, "<alias name='ua-gpu'/>")}`,
    right: `${mdev({ more: "<alias name='ua-gpu'/>" })}\n${otherMdev(PCI, "<alias name='ua-gpu2'/>")}`,
  },
  'hostdev-teaming': {
    why: REFUSES,
    wrong: pciHostdev({ more: "<teaming type='persistent'/>" }),
    right: pciHostdev({ more: "<teaming type='transient' persistent='ua-net'/>" }),
  },
  'mdev-managed-ignored': {
    why: "With managed='yes' libvirt takes a PCI device away from its driver. A mediated device it does not create: who counts on it has a VM that does not start.",
    wrong: mdev({ attributes: `${PCI} managed='yes'` }),
    right: mdev(),
  },
  'ap-address-ignored': {
    why: IGNORES,
    wrong: domain([mdev({ attributes: AP, more: pciAddress('0x02') })], S390),
    right: domain([mdev({ attributes: AP })], S390),
  },
  'alias-ignored': {
    why: IGNORES,
    wrong: mdev({ more: "<alias name='gpu'/>" }),
    right: mdev({ more: "<alias name='ua-gpu'/>" }),
  },
  'mdev-rom-ignored': {
    why: IGNORES,
    wrong: mdev({ more: "<rom bar='off'/>" }),
    right: pciHostdev({ more: "<rom bar='off'/>" }),
  },
  'mdev-driver-ignored': {
    why: IGNORES,
    wrong: mdev({ more: "<driver name='vfio'/>" }),
    right: pciHostdev({ more: "<driver name='vfio'/>" }),
  },
  'write-filtering-unsupported': {
    why: REFUSES,
    wrong: pciHostdev({ source: "<source writeFiltering='no'>" }),
    right: pciHostdev(),
  },
  'vhost-scsi-boot-unsupported': {
    why: REFUSES,
    wrong:
      "<hostdev mode='subsystem' type='scsi_host'>\n  <source protocol='vhost' wwpn='naa.5123456789abcde0'/>\n  <boot order='1'/>\n</hostdev>",
    right:
      "<hostdev mode='subsystem' type='scsi_host'>\n  <source protocol='vhost' wwpn='naa.5123456789abcde0'/>\n</hostdev>",
  },
  'mdev-boot-unsupported': {
    why: 'Only the firmware of s390x can read from such a device; libvirt refuses the domain.',
    wrong: mdev({ more: "<boot order='1'/>" }),
    right: mdev({ attributes: CCW, more: "<boot order='1'/>" }),
  },
};
