import { validateDocument } from '../src/index.ts';
import { completionsAt } from '../src/lsp/completion.ts';
import { byTurns, type Job } from './measure.ts';
import type { Row } from './table.ts';

const ROUNDS = 7;
const LINES = 10_000;
const HEAD = `<domain type='kvm'>
  <name>large</name>
  <memory unit='GiB'>64</memory>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices>
`;

/** What an editor waits for at a keystroke near the end of a long domain, to what a whole validation of it takes. */
export async function editor(): Promise<readonly Row[]> {
  const text = domainOf(LINES);
  const place = text.lastIndexOf('<source>') + '<source>'.length;
  const typed = `${text.slice(0, place)}<${text.slice(place)}`;
  const validate = `validateDocument, a domain of ${LINES} lines`;
  const completion = 'completion at a keystroke near its end';
  const unfinished = 'its findings at that keystroke: it is no XML';
  const jobs: readonly Job[] = [
    [validate, () => validateDocument(text)],
    [completion, () => completionsAt(typed, place + 1, undefined)],
    [unfinished, () => validateDocument(typed)],
  ];
  const time = await byTurns(ROUNDS, jobs);
  return jobs.map(([what]) => ({
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

/** A valid domain of about so many lines: host devices, disks and interfaces. */
function domainOf(lines: number): string {
  const devices = Array.from({ length: Math.round(lines / 15) }, (_, index) => {
    const number = index.toString(16).padStart(12, '0');
    return `    <hostdev mode='subsystem' type='mdev' model='vfio-pci' display='off'>
      <source>
        <address uuid='0695d332-7831-493f-9e71-${number}'/>
      </source>
    </hostdev>
    <interface type='network'>
      <source network='default'/>
      <model type='virtio'/>
      <alias name='ua-net${index}'/>
    </interface>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/vm/${index}.img'/>
      <target dev='vd${index.toString(36)}' bus='virtio'/>
    </disk>
`;
  });
  return `${HEAD}${devices.join('')}  </devices>\n</domain>\n`;
}
