import { expect, it } from 'vitest';
import { connect } from '../../../src/index.ts';

const device = (parent: string, mdev: string): string =>
  `<device>\n  <parent>${parent}</parent>\n  <capability type='mdev'>${mdev}</capability>\n</device>`;
const GPU = 'pci_0000_86_00_0';

it.each([
  ['nvidia-m60', device(GPU, "<type id='nvidia-18'/>"), []],
  ['nvidia-m60', device(GPU, "<type id='M60-2Q'/>"), []],
  ['nvidia-m60', device('0000:86:00.0', "<type id='18'/>"), []],
  ['nvidia-m60', device('zz', "<type id='nvidia-18'/>"), ['2 parent-unknown']],
  ['nvidia-m60', device('pci_0000_85_08_0', "<type id='nvidia-18'/>"), ['2 parent-without-mdev']],
  ['nvidia-m60', device(GPU, "<type id='nvidia-999'/>"), ['3 type-unknown']],
  [
    'kernel-samples',
    device('mtty_mtty', "<type id='mtty-2'/><params>x</params>"),
    ['3 params-unsupported'],
  ],
  ['nvidia-l40s', device('pci_0000_42_00_0', "<type id='nvidia-1155'/>"), []],
  ['nvidia-l40s', device('pci_0000_42_00_4', "<type id='nvidia-1'/>"), ['3 type-unknown']],
  [
    'nvidia-l40s-bare',
    device('pci_0000_42_00_4', "<type id='nvidia-1155'/>"),
    ['2 parent-unknown'],
  ],
])('%s: %s', async (profile, text, expected) => {
  await using host = await connect(`test:///${profile}`);
  const [report] = await host.validate({ text, file: 'x.xml' });
  const found = report?.issues.map(({ location, code }) => `${location?.line} ${code}`);
  expect(found).toEqual(expected);
});

it.each([
  ['nvidia-m60', device(GPU, "<type id='M60-8Q'/>")],
  ['nvidia-l40s', device('pci_0000_42_00_0', "<type id='L40S-1Q'/>")], // each function of the GPU is taken
])('a host that is full is no reason, since a definition waits: %s', async (profile, wanted) => {
  await using host = await connect(`test:///${profile}`);
  const create = async (): Promise<boolean> => {
    try {
      await host.create(wanted);
      return true;
    } catch {
      return false;
    }
  };
  let made = 0;
  while (await create()) made += 1;
  expect(made).toBeGreaterThan(0);
  const [report] = await host.validate({ text: wanted, file: 'x.xml' });
  expect(report?.issues).toEqual([]);
});

it('a GPU has no more devices than functions, however empty it is', async () => {
  await using host = await connect('test:///nvidia-l40s');
  const one = device('pci_0000_42_00_0', "<type id='L40S-1Q'/>");
  const codesOf = async (count: number): Promise<readonly string[]> => {
    const text = `<devices>${one.repeat(count)}</devices>`;
    const [report] = await host.validate({ text, file: 'x.xml' });
    return report?.issues.map(({ code }) => code) ?? [];
  };
  expect(await codesOf(32)).toEqual([]);
  expect(await codesOf(33)).toEqual(['no-instances']);
});
