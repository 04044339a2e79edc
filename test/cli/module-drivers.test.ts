import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drivers } from '../../src/drivers/registry.ts';
import { connect, initSimulatedHost } from '../../src/index.ts';
import { LAMPS_FOLDER, LAMPS_XML } from '../support/lamps.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { run, type RunResult } from './run.ts';

const INIT = ['sim', 'init', 'host', '--profile', 'lamps.xml', '--allow-driver'];
const DEVICE =
  "<device><parent>pci_0000_05_00_0</parent><capability type='mdev'><type id='lamps-4'/></capability></device>";

/** A folder with the example's profile and driver, which leaves a mark when it is run. */
function profileFolder(): {
  readonly at: (path: string) => string;
  readonly uri: string;
  readonly command: (...words: readonly string[]) => Promise<RunResult>;
} {
  const folder = temporaryFolder();
  const at = (path: string): string => join(folder, path);
  for (const name of ['lamps.xml', 'lamps.mjs']) copyFileSync(join(LAMPS_FOLDER, name), at(name));
  appendFileSync(
    at('lamps.mjs'),
    `import { appendFileSync } from 'node:fs';\nappendFileSync(${JSON.stringify(at('mark'))}, 'x');\n`,
  );
  writeFileSync(at('device.xml'), DEVICE);
  const command = (...words: readonly string[]): Promise<RunResult> =>
    run(words, { cwd: folder, connect: (uri, options) => connect(uri, options) });
  return { at, uri: `sim://${at('host')}`, command };
}

const initialised = async (): Promise<ReturnType<typeof profileFolder>> => {
  const folder = profileFolder();
  const { code, stderr } = await folder.command(...INIT);
  expect([code, stderr]).toEqual([0, '']);
  return folder;
};

describe('sim init', () => {
  it('refuses a profile with a driver, which is not run, and nothing is written', async () => {
    const { command, at } = profileFolder();
    const { code, stderr } = await command('sim', 'init', 'host', '--profile', 'lamps.xml');
    expect(code).toBe(1);
    expect(stderr).toContain('brings a driver, ./lamps.mjs, which is not run');
    expect(stderr).toContain('--allow-driver');
    expect([existsSync(at('host')), existsSync(at('mark'))]).toEqual([false, false]);
  });

  it('copies it with --allow-driver, and commands run it', async () => {
    const { command, at, uri } = await initialised();
    expect(readFileSync(at('host/sim/drivers/lamps.mjs'))).toEqual(readFileSync(at('lamps.mjs')));
    expect((await command('-c', uri, 'create', 'device.xml')).stdout).toContain('created');
    expect((await command('-c', uri, 'types', '--json')).stdout).toMatch(
      /"availableInstances":\s*1/u,
    );
    expect(drivers.map(({ name }) => name)).not.toContain('lamps');
  });

  const WRONG: readonly (readonly [string, string | Buffer, RegExp])[] = [
    ['no JavaScript', 'export const driver = {', /cannot be run: /u],
    ['no driver', 'export const other = 1;', /it exports no 'driver'/u],
    [
      'an incomplete one',
      'export const driver = { name: "lamps" };',
      /it has no 'mdevDriver' \(EINVAL\)/u,
    ],
    ['one that throws', "throw new Error('a\\u001b[2Jb');", /cannot be run: a\\u\{1b\}\[2Jb/u],
    ['one that throws no error', 'throw null;', /cannot be run: null/u],
    ['an import of a file', "import './other.mjs';", /it imports another file: .*lamps\.mjs/u],
    ['an import of a package', "import 'valibot';", /it imports another file/u],
    ['a late import', "await import('/tmp/other.mjs');", /it imports another file/u],
    ['an import by an address', "import 'file:///tmp/other.mjs';", /it imports by an address/u],
    [
      'an import of text',
      "import x from\n  'data:text/javascript,1';",
      /it imports by an address/u,
    ],
    ['a name that is taken', 'export { d as driver }; import fs from "node:fs";', /cannot be run/u],
    ['more than 1 MiB', Buffer.alloc(1024 * 1024 + 1, ' '), /cannot be read: EFBIG/u],
  ];
  it.each(WRONG)('refuses %s, and nothing is written', async (_name, text, says) => {
    const { command, at } = profileFolder();
    writeFileSync(at('lamps.mjs'), text);
    const { code, stderr } = await command(...INIT);
    expect([code, stderr]).toEqual([1, expect.stringMatching(says)]);
    expect(stderr).not.toContain('base64');
    expect(existsSync(at('host'))).toBe(false);
    expect(drivers.map(({ name }) => name)).not.toContain('lamps');
  });

  it.each(['../lamps.mjs', './a/lamps.mjs', '/tmp/lamps.mjs', './lamps.js', './.mjs', 'lamps.mjs'])(
    'knows no driver %s',
    async (name) => {
      const { command, at } = profileFolder();
      writeFileSync(at('lamps.xml'), LAMPS_XML.replace('./lamps.mjs', name));
      const { code, stderr } = await command(...INIT);
      expect([code, stderr]).toEqual([1, expect.stringContaining('are not known')]);
    },
  );
});

describe('a host with a driver of its own', () => {
  it('that others can write is refused, and run with --allow-driver', async () => {
    const { command, at, uri } = await initialised();
    writeFileSync(at('mark'), '');
    chmodSync(at('host/sim/drivers'), 0o775);
    const { code, stderr } = await command('-c', uri, 'types');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/others can write to \S*drivers/u)]);
    expect(readFileSync(at('mark'), 'utf8')).toBe('');
    expect((await command('-c', uri, 'types', '--allow-driver')).code).toBe(0);
    expect((await command('-c', uri, 'doctor')).stdout).toMatch(/others can write to \S*drivers/u);
  });

  const LOOKS: readonly (readonly [string, readonly string[], string])[] = [
    ['doctor', ['doctor'], 'is not run here'],
    ['doctor, even if it is allowed', ['doctor', '--allow-driver'], 'is not run here'],
    ['validate of its profile', ['validate', 'lamps.xml'], 'The driver ./lamps.mjs is not run'],
    ['validate of a device', ['validate', 'device.xml'], ''],
    [
      'completion of a device',
      ['__complete', '--', '-c', 'URI', 'info', 'pci_'],
      'pci_0000_05_00_0',
    ],
    ['completion of a parent', ['__complete', '--', '-c', 'URI', 'types', 'p'], 'pci_0000_05_00_0'],
  ];
  it.each(LOOKS)('is looked at without running it: %s', async (_name, words, says) => {
    const { command, at, uri } = await initialised();
    expect((await command('-c', uri, 'create', 'device.xml')).code).toBe(0);
    // Were it run again now, the process has it already: another text is another module.
    appendFileSync(at('host/sim/drivers/lamps.mjs'), '\n// changed\n');
    writeFileSync(at('mark'), '');
    const given = words.map((word) => (word === 'URI' ? uri : word));
    const { stdout, stderr } = await command(
      ...(given[0] === '__complete' ? [] : ['-c', uri]),
      ...given,
    );
    expect(stdout + stderr).toContain(says);
    expect(readFileSync(at('mark'), 'utf8')).toBe('');
  });

  it('keeps its profile when it is captured, with what to copy', async () => {
    const { command, at, uri } = await initialised();
    const { stdout, stderr } = await command('-c', uri, 'sim', 'capture');
    expect(stdout).toContain("<card driver='./lamps.mjs'");
    expect(stderr).toContain('has to be beside the profile');
    mkdirSync(at('copy'));
    writeFileSync(at('copy/lamps.xml'), stdout);
    copyFileSync(at('host/sim/drivers/lamps.mjs'), at('copy/lamps.mjs'));
    const init = ['sim', 'init', 'clone', '--profile', 'copy/lamps.xml', '--allow-driver'];
    expect((await command(...init)).code).toBe(0);
    expect((await command('-c', `sim://${at('clone')}`, 'create', 'device.xml')).code).toBe(0);
  });

  it('has its hardware plugged, its driver unregistered and devices brought back', async () => {
    const { command, uri } = await initialised();
    for (const words of [
      ['create', 'device.xml'],
      ['sim', 'unbind', 'pci_0000_05_00_0'],
      ['sim', 'bind', 'pci_0000_05_00_0'],
      ['sim', 'unplug', 'pci_0000_05_00_0'],
      ['sim', 'plug', 'pci_0000_05_00_0'],
      ['create', 'device.xml'],
    ]) {
      expect([words, (await command('-c', uri, ...words)).code]).toEqual([words, 0]);
    }
  });
});

describe('the library', () => {
  it('runs it when told to, opens the host trusted, and changes nothing without it', async () => {
    const { at, uri } = profileFolder();
    const profile = { text: LAMPS_XML, file: at('lamps.xml') };
    const init = initSimulatedHost(at('host'), profile);
    await expect(init).rejects.toMatchObject({ code: 'driver-refused' });
    const without = initSimulatedHost(at('host'), LAMPS_XML, { profileDrivers: 'all' });
    await expect(without).rejects.toThrow('has no file that it is beside');
    const host = await initSimulatedHost(at('host'), profile, { profileDrivers: 'all' });
    const other = await connect(uri);
    await other.create(DEVICE);
    await other.close();
    const none = await connect(uri, { profileDrivers: 'none' });
    expect((await none.types()).items.map(({ availableInstances }) => availableInstances)).toEqual([
      4, 1,
    ]);
    await expect(none.create(DEVICE)).rejects.toMatchObject({ code: 'read-only' });
    await none.close();
    await host.close();
  });

  it('has one driver of a name, from one file', async () => {
    const [one, two] = [await initialised(), await initialised()];
    const first = await connect(one.uri);
    await expect(connect(two.uri)).rejects.toMatchObject({
      code: 'host-refused',
      message: expect.stringContaining('EEXIST'),
    });
    await first.close();
    await (await connect(two.uri)).close();
  });
});
