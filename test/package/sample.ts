/** A program that uses what `virt-nodedev/documents` is for, and leaves what it found in `globalThis.found`. */
export const DOCUMENTS_PROGRAM = `
import {
  formatHostdev, formatNodeDevice, hostdevFor, insertHostdev, NodedevError, parseNodeDevice, validateDocument,
} from 'virt-nodedev/documents';

const xml = \`<device>
  <parent>pci_0000_86_00_0</parent>
  <capability type='mdev'>
    <type id='nvidia-18'/>
    <uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid>
    <params>text=ä&amp;😀</params>
  </capability>
</device>\`;
const device = parseNodeDevice(xml);
const hostdev = hostdevFor(device, { model: 'vfio-pci' });
const domain = "<domain type='kvm'>\\n  <name>vm</name>\\n  <devices>\\n  </devices>\\n</domain>\\n";
const codes = (text: string): string[] => validateDocument(text).map(({ code }) => code);
let refused = '';
try {
  parseNodeDevice(new TextEncoder().encode('<device>'));
} catch (error) {
  if (error instanceof NodedevError) refused = error.code;
}
Object.assign(globalThis, { found: {
  same: parseNodeDevice(formatNodeDevice(device)).capabilities.length,
  hostdev: formatHostdev(hostdev),
  inserted: insertHostdev(domain, hostdev).length > domain.length,
  valid: codes(xml),
  invalid: codes(xml.replace("<type id='nvidia-18'/>", '<typo/>')),
  malformed: codes('<device>'),
  refused,
} });
`;

/** What it finds, wherever it runs. */
export const FOUND = {
  same: 1,
  hostdev: `<hostdev mode='subsystem' type='mdev' model='vfio-pci'>
  <source>
    <address uuid='0695d332-7831-493f-9e71-1c85c8911a08'/>
  </source>
</hostdev>
`,
  inserted: true,
  valid: [],
  invalid: ['schema-element-unexpected', 'schema-element-missing'],
  malformed: ['xml-malformed'],
  refused: 'xml-malformed',
};
