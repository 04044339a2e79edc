import { expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/index.ts';
import { run, type RunResult } from './run.ts';

const UUIDS = ['1', '2', '3'].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);

/** Command lines on a host with two defined devices in group g, one of them active, and an active one that is not defined. */
async function host(): Promise<(line: string) => Promise<RunResult>> {
  const manager = await connect('test:///default');
  onTestFinished(() => manager.close());
  const shared = { ...manager, close: () => Promise.resolve() };
  const command = (line: string) =>
    run(line.split(' '), { connect: () => Promise.resolve(shared) });
  const [a, b, c] = UUIDS;
  for (const [verb, uuid] of [
    ['define', a],
    ['define', b],
    ['start', b],
    ['create', c],
  ]) {
    const device =
      verb === 'start' ? uuid : `--parent pci_0000_86_00_0 --type 18 --group g --uuid ${uuid}`;
    expect(await command(`-q ${verb} ${device}`)).toMatchObject({ code: 0, stderr: '' });
  }
  return command;
}

interface Listed {
  readonly devices: readonly { readonly uuid: string; readonly autostart: boolean }[];
}
const listed = (text: string): Listed['devices'] => {
  const { devices }: Listed = JSON.parse(text);
  return devices;
};
const autostarted = async (
  command: (line: string) => Promise<RunResult>,
): Promise<readonly string[]> =>
  listed((await command('list --all --cap mdev --json')).stdout).flatMap(({ uuid, autostart }) =>
    autostart ? [uuid] : [],
  );

it('autostart --group marks the defined members, and unmarks them', async () => {
  const command = await host();
  const { code, stdout } = await command('-q autostart --group g --json');
  expect(code).toBe(0);
  expect(listed(stdout)).toHaveLength(2);
  expect(await autostarted(command)).toEqual(UUIDS.slice(0, 2));
  await command('autostart --group g --disable');
  expect(await autostarted(command)).toEqual([]);
  expect((await command('autostart --group h')).stderr).toMatch(
    /^error: failed to mark the devices of group 'h' as autostarted\nerror: no group 'h'/u,
  );
});

it('autostart takes several devices, all or none', async () => {
  const command = await host();
  const failed = await command(`autostart ${UUIDS.join(' ')}`);
  expect(failed.code).toBe(1);
  expect(await autostarted(command)).toEqual([]);
  await command(`autostart ${UUIDS.slice(0, 2).join(' ')}`);
  expect(await autostarted(command)).toEqual(UUIDS.slice(0, 2));
});

it('undefine --group removes the definitions of the members; of none, it says so', async () => {
  const command = await host();
  expect(await command('undefine --group g')).toMatchObject({ code: 0, stderr: '' });
  expect((await command('list --all --persistent --cap mdev -q')).stdout).toBe('');
  expect((await command('list --cap mdev -q')).stdout.trim().split('\n')).toHaveLength(2);
  expect(await command('undefine --group g')).toMatchObject({ code: 1 });
  expect((await command('undefine --group h')).stderr).toContain("'h'");
});

it.each(['info', 'destroy', 'undefine', 'start', 'autostart', 'dumpxml', 'hostdev'])(
  "%s says that a name is a group's",
  async (verb) => {
    const { code, stderr } = await (await host())(`${verb} g`);
    expect(code).toBe(1);
    expect(stderr).toContain("hint: 'g' is a group: `virt-nodedev group show g` shows its devices");
  },
);
