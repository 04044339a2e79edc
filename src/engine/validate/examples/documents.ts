import { MAX_NAME_LENGTH } from '../../../xml/limits.ts';
import { mdev, type RuleExamples, UUID } from './example.ts';

const device = (capability: string): string =>
  `<device>\n  <parent>pci_0000_86_00_0</parent>\n  ${capability}\n</device>`;

const DEVICE = device("<capability type='mdev'><type id='nvidia-18'/></capability>");

const profile = (content: string): string => `<host>\n  <name>lab</name>\n${content}\n</host>`;

const TYPES = `  <types name='serial'>
    <type id='mtty-1'>
      <deviceAPI>vfio-pci</deviceAPI>
    </type>
  </types>`;
const CARD = `  <card driver='mtty' types='serial'>
    <device>
      <name>mtty_mtty</name>
      <path>/sys/devices/virtual/mtty/mtty</path>
      <parent>computer</parent>
      <capability type='mdev_types'/>
    </device>
  </card>`;
const HOST = profile(`${TYPES}\n${CARD}`);

/** Of XML, of node devices and host profiles, and of the schema. */
export const documentExamples: RuleExamples = {
  'xml-malformed': {
    why: 'No program reads such a document, libvirt neither.',
    wrong: '<device>\n  <parent>pci_0000_86_00_0</parnt>\n</device>',
    right: DEVICE,
  },
  'xml-encoding': {
    why: 'Bytes in another encoding than the document says would become other characters, in names above all.',
    wrong: `<?xml version='1.0' encoding='UTF-16'?>\n${DEVICE}`,
    right: `<?xml version='1.0' encoding='UTF-8'?>\n${DEVICE}`,
  },
  'xml-doctype': {
    why: 'A DOCTYPE can make a small document grow without end, and libvirt needs none.',
    wrong: `<!DOCTYPE device>\n${DEVICE}`,
    right: DEVICE,
  },
  'xml-too-deep': {
    why: 'No document of libvirt is nested so deep; one that is was made to exhaust a program.',
    wrong: '<a>'.repeat(101) + '</a>'.repeat(101),
    right: DEVICE,
  },
  'xml-too-large': {
    why: 'No document of libvirt is so large; one that is was made to exhaust a program.',
    wrong: `<${'a'.repeat(MAX_NAME_LENGTH + 1)}/>`,
    right: DEVICE,
  },
  'document-unknown': {
    why: 'Nothing can be said of a document of another kind.',
    wrong: '<network>\n  <name>default</name>\n</network>',
    right: DEVICE,
  },
  'nodedev-invalid': {
    why: 'libvirt refuses the document in the same words.',
    wrong: '<device>\n  <parent>pci_0000_86_00_0</parent>\n</device>',
    right: DEVICE,
  },
  'fleet-invalid': {
    why: 'Devices are placed on a host, and reports tell it, by its name: with two of one name nobody knows which is meant.',
    wrong:
      "<fleet>\n  <host name='gpu1' uri='ssh://gpu1/'/>\n  <host name='gpu1' uri='ssh://gpu2/'/>\n</fleet>",
    right:
      "<fleet>\n  <host name='gpu1' uri='ssh://gpu1/'/>\n  <host name='gpu2' uri='ssh://gpu2/'/>\n</fleet>",
  },
  'profile-invalid': {
    why: 'A simulated host cannot be made of it: its tree would be one that no kernel shows.',
    wrong: profile(`${TYPES}\n${CARD}\n${CARD}`),
    right: HOST,
  },
  'file-unreadable': {
    why: 'A pipeline that reads nothing must not be green. Only the command finds it.',
  },
  'driver-not-run': {
    why: 'A driver in a file is a program, and a validation runs none. What it would refuse is not found.',
    wrong: HOST.replace("driver='mtty'", "driver='./mtty.mjs'"),
    right: HOST,
  },
  'ignore-unknown': {
    why: 'A comment with a misspelt code ignores nothing.',
    wrong: `<!-- virt-nodedev: ignore mdev-managed -->\n${mdev()}`,
    right: `<!-- virt-nodedev: ignore mdev-managed-ignored -->\n${mdev({ attributes: "model='vfio-pci' managed='yes'" })}`,
  },
  'schema-element-unexpected': {
    why: 'libvirt ignores elements that it does not know, so what they say is lost.',
    wrong: device("<capability type='mdev'><type id='nvidia-18'/><uid>1</uid></capability>"),
    right: device(
      `<capability type='mdev'><type id='nvidia-18'/><uuid>${UUID}</uuid></capability>`,
    ),
  },
  'schema-element-repeated': {
    why: 'Of several only one could be meant.',
    wrong: HOST.replace('  <name>lab</name>', '  <name>lab</name>\n  <name>test</name>'),
    right: HOST,
  },
  'schema-element-order': {
    why: 'A program that follows the schema, such as virt-xml-validate, refuses another order.',
    given: 'The schema is one that demands an order; ours and those of libvirt do not here.',
    wrong: DEVICE.replace(/( +<parent>.*\n)( +<cap.*\n)/u, '$2$1'),
    right: DEVICE,
  },
  'schema-element-missing': {
    why: 'Without it the document does not say what it is for.',
    wrong: HOST.replace('  <name>lab</name>\n', ''),
    right: HOST,
  },
  'schema-attribute-unexpected': {
    why: 'Nothing reads it, so what it says is lost.',
    wrong: HOST.replace("id='mtty-1'", "id='mtty-1' count='2'"),
    right: HOST,
  },
  'schema-attribute-missing': {
    why: 'Without it the element says nothing.',
    wrong: HOST.replace(" types='serial'", ''),
    right: HOST,
  },
  'schema-value': {
    why: 'A program refuses the value, or reads another one than was meant.',
    wrong: HOST.replace('vfio-pci', 'vfio'),
    right: HOST,
  },
  'schema-text': {
    why: 'Nothing reads text between elements; mostly it is the rest of something deleted.',
    wrong: HOST.replace('</types>', '</types>>'),
    right: HOST,
  },
  'no-mdev-support': {
    why: 'No device of such a host could be made.',
    given: 'It is asked of a host without drivers for mediated devices.',
  },
  'parent-unknown': {
    why: 'The device cannot be made there; mostly the address is that of another machine.',
    given: 'It is asked of a host that has other GPUs than the one the document names.',
  },
  'parent-without-mdev': {
    why: 'Only a parent makes mediated devices: the physical function of a GPU, for one, may leave that to its virtual ones.',
    given: 'The document names a PCI device of the host that offers no types.',
  },
  'type-unknown': {
    why: 'Types differ between boards and releases of a driver; the kernel has no file for another one.',
    given: "The type is not one of the parent's, which `types` shows.",
  },
  'type-ambiguous': {
    why: 'Nothing says which of them is meant, and they are not the same for a guest.',
    given: 'A name or criteria fit several types of the parent.',
  },
  'params-unsupported': {
    why: 'They would be lost: the driver has no file for them.',
    given: 'The document has <params> for a type of another vendor.',
  },
  'no-instances': {
    why: 'Each function takes one type, so that the last of the devices find none, however empty the GPU is.',
    given: 'A document asks for 33 devices of a GPU with 32 virtual functions.',
  },
  'resources-refused': {
    why: 'The driver refuses the value each time the device is made: no start of it ever succeeds.',
    given: 'It is asked of a host with a matrix (vfio_ap), and a device assigns adapter abc.',
  },
  'resources-kept': {
    why: 'vfio_ap refuses queues that the own drivers of the host have, so the device cannot be made.',
    given:
      'A device takes queue 02.0003, which both apmask and aqmask keep; the hint has the command.',
  },
  'resources-taken': {
    why: 'A crypto queue and a subchannel belong to one device. Definitions may take turns; two that start at boot cannot.',
    given: 'Another device of the host, active or defined, has queue 05.0047 as well.',
  },
  'resources-absent': {
    why: 'The kernel takes adapters and domains that may come later, and until then the guest has none of their queues.',
    given: 'A device takes adapter 9 of a host with adapters 0 to 8.',
  },
};
