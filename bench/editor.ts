import { validateDocument } from '../src/index.ts';
import { openEditor } from './language-server.ts';
import { byTurns, type Job } from './measure.ts';
import type { Row } from './table.ts';

const ROUNDS = 15;
const LINES = 10_000;
const HEAD = `<domain type='kvm'>
  <name>large</name>
  <memory unit='GiB'>64</memory>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices>
`;
/** Of a device near the end. */
const LINE = "<alias name='ua-net600'/>\n";

/**
 * What somebody who writes a long domain waits for at each kind of change, until the findings have come from the server over its
 * streams, to what a whole validation of that domain takes.
 */
export async function editor(): Promise<readonly Row[]> {
  const text = `${HEAD}${devicesFrom(0, LINES / 15)}  </devices>\n</domain>\n`;
  const { change, complete, hover, close } = await openEditor(text);
  const at = text.indexOf(LINE);
  const value = at + LINE.indexOf('net');
  const validate = `validateDocument, a domain of ${LINES} lines`;
  const back = 'such a change is taken back';
  const changed = (what: string, place: number, less: number, put: string): readonly Job[] => [
    [what, () => change(place, less, put)],
    [back, () => change(place, put.length, text.slice(place, place + less))],
  ];
  const jobs: readonly Job[] = [
    [validate, () => validateDocument(text)],
    ...changed('a character in a value, and its findings', value, 0, 'x'),
    ...changed('one in the name of a tag', at + 2, 0, 'x'),
    ...changed('text', at, 0, 'x'),
    ...changed('a line before all others', HEAD.length, 0, '\n'),
    ...changed('a line less', at, LINE.length, ''),
    ...changed('ten devices are pasted', HEAD.length, 0, devicesFrom(LINES, 10)),
    ['half a tag, which is no XML', () => change(at, 0, '<link ')],
    ['that tag completed', () => change(at + 6, 0, "state='up'/>")],
    [back, () => change(at, 18, '')],
    ['<, and what can come behind it', () => complete(at, '<')],
    [back, () => change(at, 1, '')],
    ['a wrong name, and what is wrong with it', () => hover(at + 1, 'x')],
    [back, () => change(at + 1, 1, '')],
  ];
  const time = await byTurns(ROUNDS, jobs);
  await close();
  return [...new Set(jobs.map(([what]) => what))].map((what) => ({
    what,
    figure: time(what),
    unit: 'ms',
    ...(what !== validate && {
      ratio: time(what) / time(validate),
      to: 'validation',
      aim: { of: 'ratio', most: 0.2 },
    }),
  }));
}

/** Host devices, interfaces and disks, in fifteen lines each. */
function devicesFrom(first: number, count: number): string {
  const devices = Array.from({ length: count }, (_, index) => {
    const number = first + index;
    return `    <hostdev mode='subsystem' type='mdev' model='vfio-pci' display='off'>
      <source>
        <address uuid='0695d332-7831-493f-9e71-${number.toString(16).padStart(12, '0')}'/>
      </source>
    </hostdev>
    <interface type='network'>
      <source network='default'/>
      <model type='virtio'/>
      <alias name='ua-net${number}'/>
    </interface>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/vm/${number}.img'/>
      <target dev='vd${number.toString(36)}' bus='virtio'/>
    </disk>
`;
  });
  return devices.join('');
}
