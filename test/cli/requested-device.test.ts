import { expect, it, onTestFinished } from 'vitest';
import { connect, parseNodeDevice } from '../../src/index.ts';
import { run } from './run.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const DEVICE = `mdev_${UUID.replaceAll('-', '_')}_0000_86_00_0`;

/** Command lines on one host in memory. */
async function host(): Promise<(line: string) => ReturnType<typeof run>> {
  const manager = await connect('test:///default');
  onTestFinished(() => manager.close());
  const shared = { ...manager, close: () => Promise.resolve() };
  return (line) => run(line.split(' '), { connect: () => Promise.resolve(shared) });
}

it.each([
  ['create', 'nvidia-18'],
  ['create', '18'],
  ['create', '0x12'],
  ['create', 'GRID\u00A0M60-2Q'],
  ['define', 'nvidia-18'],
])('%s --type %s makes the device that the options describe', async (command, type) => {
  const line = await host();
  const written = type.replace('\u00A0', '_');
  const options = `--parent pci_0000_86_00_0 --type ${written} --uuid ${UUID.toUpperCase()} --group g --params x=1`;
  const { code, stdout, stderr } = await line(`-q ${command} ${options}`);
  expect([code, stdout, stderr]).toEqual([0, '', '']);
  const shown = JSON.parse((await line(`info ${DEVICE} --json`)).stdout);
  expect(shown).toMatchObject({ uuid: UUID, type: 'nvidia-18', group: 'g' });
});

it('--print prints the XML, which says the same, and changes nothing', async () => {
  const line = await host();
  const { stdout } = await line(
    `create --print --parent p --type nvidia-18 --uuid ${UUID} --attr a=1 --attr b=c=d`,
  );
  expect(parseNodeDevice(stdout)).toMatchObject({
    parent: { name: 'p' },
    capabilities: [
      {
        types: [{ id: 'nvidia-18' }],
        uuid: UUID,
        attributes: [
          { name: 'a', value: '1' },
          { name: 'b', value: 'c=d' },
        ],
      },
    ],
  });
  expect((await line('list --cap mdev --all -q')).stdout).toBe('');
});

it.each([
  ['create', "command 'nodedev-create' requires <file> option\nhint: name a FILE, or describe"],
  ['define --autostart', "command 'nodedev-define' requires <file> option"],
  ['create --uuid x', 'Option --uuid requires --type'],
  ['create --print', 'Option --print requires --type'],
  ['create --attr a=b', 'Option --attr requires --type'],
  ['create --parent p --type t --uuid=', "invalid value '' for option --uuid"],
  ['define --parent p --type t --group=', "invalid value '' for option --group"],
  ['create --parent= --type t', "invalid value '' for option --parent"],
  ['create --parent p --type=', "invalid value '' for option --type"],
  ['create a.xml --type x', 'Options --file and --type are mutually exclusive'],
  [
    'create --type x --attr =b',
    "invalid value '=b' for option --attr\nhint: write --attr NAME=VALUE",
  ],
])('%s: %s', async (words, message) => {
  const { code, stderr } = await run(words.split(' '));
  expect(code).toBe(2);
  expect(stderr).toContain(`error: ${message}`);
});

it.each([
  ['create --type 18', 'missing parent device'],
  ['create --type 18 --parent nope', "parent device 'nope'"],
  ['create --type no --parent pci_0000_86_00_0', "type 'no'"],
  ['create --type 18 --uuid x --parent pci_0000_86_00_0', "Invalid uuid 'x'"],
])('%s is refused as the XML would be', async (words, message) => {
  const { code, stderr } = await (await host())(words);
  expect(code).toBe(1);
  expect(stderr).toContain('Failed to create node device from <options>');
  expect(stderr).toContain(message);
});
