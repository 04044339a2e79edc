import { chmodSync, lstatSync, mkdirSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { connect } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The files and folders below, without links. */
function below(root: string, path = ''): readonly (readonly [path: string, status: Stats])[] {
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
    const name = join(path, entry.name);
    if (entry.isSymbolicLink() || entry.isSocket()) return [];
    const own = [name, lstatSync(join(root, name))] as const;
    return entry.isDirectory() ? [own, ...below(root, name)] : [own];
  });
}

/** What its owner may write, and its group may not; folders that do not pass on their group. */
const notShared = (root: string): readonly string[] =>
  below(root)
    .filter(([, status]) => {
      const isOwners = (status.mode & 0o220) === 0o200;
      return isOwners || (status.isDirectory() && (status.mode & 0o2000) === 0);
    })
    .map(([path]) => path);

const xml = `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/>
  <uuid>00000000-0000-4000-8000-000000000001</uuid></capability></device>`;

/** Makes and changes a simulated host in a folder of these rights. */
async function hostIn(mode: number): Promise<string> {
  const root = join(temporaryFolder(), 'host');
  mkdirSync(root);
  chmodSync(root, mode);
  makeSimulatedHost(root, 'nvidia-m60');
  const connection = await connect(`sim://${root}`);
  await connection.create(xml);
  await connection.define(xml.replace('0001<', '0002<'));
  await connection.close();
  return root;
}

it('a simulated host in a folder of a group is the group’s, all of it', async () => {
  expect(notShared(await hostIn(0o2775))).toEqual([]);
});

it('one in a folder that its group may not write to is its owner’s', async () => {
  const root = await hostIn(0o755);
  const written = below(root).filter(([, { mode }]) => (mode & 0o022) !== 0);
  // The node that every user may open, as on a real host.
  expect(written.map(([path]) => path)).toEqual(['dev/vfio/vfio']);
});
