import { byTurns, inFolder, type Job, run } from './measure.ts';
import type { Aim, Row } from './table.ts';

const ROUNDS = 21;
const BIN = 'dist/cli/bin.js';
const NODE = 'node -e 0';
const AIM: Aim = { of: 'ratio', most: 2.2 };

/** Starting the bundled command, on a simulated host of two GPUs; ratios to Node's own start. */
export function startUp(): Promise<readonly Row[]> {
  return inFolder(async (folder) => {
    const host = `${folder}/host`;
    run(process.execPath, [BIN, 'sim', 'init', host, '--profile', 'nvidia-m60']);
    const simulated = ['-c', `sim://${host}`];
    const lines: readonly (readonly [name: string, words: readonly string[], aim?: Aim])[] = [
      ['--version', ['--version'], AIM],
      ['--help', ['--help'], { of: 'ratio', most: 1.8 }],
      ['list', [...simulated, 'list'], AIM],
      ['list, sysfs:///', ['-c', `sysfs://${host}`, 'list'], AIM],
      ['types', [...simulated, 'types']],
      ['dumpxml', [...simulated, 'dumpxml', 'pci_0000_86_00_0'], { of: 'ratio', most: 2 }],
      ['validate', [...simulated, 'validate', 'samples/vgpu.xml'], { of: 'ratio', most: 2.5 }],
    ];
    const time = await byTurns(ROUNDS, [
      [NODE, () => run(process.execPath, ['-e', '0'])],
      ...lines.map(([name, words]): Job => [name, () => run(process.execPath, [BIN, ...words])]),
    ]);
    return [
      { what: NODE, figure: time(NODE), unit: 'ms' },
      ...lines.map(([name, , aim]): Row => {
        const ratio = time(name) / time(NODE);
        return {
          what: `virt-nodedev ${name}`,
          figure: time(name),
          unit: 'ms',
          ratio,
          to: NODE,
          aim,
        };
      }),
    ];
  });
}
