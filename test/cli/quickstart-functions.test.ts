import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { run } from './run.ts';

// The XML of the README, on a GPU whose vGPUs are no mediated devices: only parent and type are other ones.

const README = readFileSync('README.md', 'utf8');
const XML = /^\$ cat vgpu\.xml\n(<device>.*?<\/device>\n)/msu.exec(README)?.[1] ?? '';
const NAME = 'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_42_00_4';

it.each([
  ['nvidia-l40s', 'pci_0000_42_00_0'],
  ['nvidia-l40s', 'pci_0000_42_00_4'],
  ['nvidia-l40s-bare', 'pci_0000_42_00_0'],
])('the quickstart works on %s, with %s as its parent', async (profile, parent) => {
  const folder = temporaryFolder({ inMemory: true });
  const uri = `sim://${join(folder, 'host')}`;
  const file = join(folder, 'vgpu.xml');
  writeFileSync(file, XML.replace('pci_0000_86_00_0', parent).replace("id='11'", "id='1155'"));
  const setup = join(folder, 'gpu.xml');
  writeFileSync(
    setup,
    "<device><name>pci_0000_42_00_0</name><capability type='vgpu'><functions>on</functions></capability></device>",
  );
  const command = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(['-c', uri, ...words], {
      connect: (target) => connect(target),
    });
    expect({ code, stderr, words }).toEqual({ code: 0, stderr: '', words });
    return stdout;
  };
  expect(await run(['sim', 'init', join(folder, 'host'), '--profile', profile])).toMatchObject({
    code: 0,
  });
  await command('apply', setup);
  await command('create', file);
  expect(await command('dumpxml', 'my-vgpu')).toContain(`<name>${NAME}</name>`);
  expect(await command('hostdev', 'my-vgpu')).toContain(
    "<address domain='0x0000' bus='0x42' slot='0x00' function='0x4'/>",
  );
  await command('validate', file);
  await command('define', file);
  await command('autostart', 'my-vgpu');
  await command('sim', 'reset');
  await command('apply', setup);
  expect(await command('start-parent', parent, '--wait', '60')).toContain(NAME);
  expect(await command('list', '--cap', 'mdev')).toContain(NAME);
  await command('destroy', 'my-vgpu');
  expect(await command('list', '--cap', 'mdev')).not.toContain(NAME);
  expect(await command('list', '--cap', 'mdev', '--inactive')).toContain(NAME);
});
