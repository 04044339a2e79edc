import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect, parseNodeDevice } from '../../src/index.ts';
import { diskHost } from '../host/support/hosts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { debianRoot } from './debian.ts';
import { fill, libvirtsProfiles } from './sample-hosts.ts';

const TIMEOUT = 240_000;
const script = join(import.meta.dirname, 'libvirtd.sh');
/** Of the kernel's sample drivers, libvirt knows the parent of one only. */
const UNKNOWN = /(?:mbochs|mdpy)/u;

describe.each(libvirtsProfiles)('%s, read by libvirtd and through virsh', (profile) => {
  const { host, dispose } = diskHost(profile);
  const path = process.env['PATH'] ?? '';
  let direct: Connection;
  let theirs: Connection;

  beforeAll(async () => {
    direct = await connect(`sim://${host.root}`);
    await fill(direct);
    const folder = temporaryFolder();
    const spaces = '--mount --net --pid --fork --kill-child';
    writeFileSync(
      join(folder, 'virsh'),
      `#!/bin/sh\nexec unshare ${spaces} '${script}' '${debianRoot()}' '${host.root}' "$@"\n`,
    );
    chmodSync(join(folder, 'virsh'), 0o755);
    process.env['PATH'] = `${folder}:${path}`;
    theirs = await connect('libvirt:nodedev:///system');
  }, TIMEOUT);

  afterAll(async () => {
    process.env['PATH'] = path;
    await direct.close();
    await theirs.close();
    dispose();
  });

  it('is the same list, with the same facts', { timeout: TIMEOUT }, async () => {
    const facts = async (connection: Connection): Promise<readonly unknown[]> => {
      const { items, problems } = await connection.list({ state: 'all' });
      expect(problems).toEqual([]);
      return items
        .filter(({ name, parent = '' }) => !UNKNOWN.test(`${name} ${parent}`))
        .map(({ name, parent, active, persistent, type, uuid, capabilities }) => {
          return { name, parent, active, persistent, type, uuid, capabilities };
        });
    };
    expect(await facts(theirs)).toEqual(await facts(direct));
  });

  it('is the same XML, and the types have the same counts', { timeout: TIMEOUT }, async () => {
    const { items } = await direct.list();
    for (const { name, capabilities } of items.filter((one) => !UNKNOWN.test(one.name))) {
      if (capabilities.includes('mdev')) continue; // what attributes an active one has, libvirt says of definitions only
      const [one, other] = await Promise.all(
        [theirs, direct].map((connection) => connection.dumpxml(name, { dialect: 'libvirt' })),
      );
      expect(parseNodeDevice(one ?? '')).toEqual(parseNodeDevice(other ?? ''));
    }
    const counts = async (connection: Connection): Promise<readonly unknown[]> =>
      (await connection.types()).items
        .filter(({ parent }) => !UNKNOWN.test(parent))
        .map(({ parent, id, name, deviceApi, availableInstances, used }) => {
          return { parent, id, name, deviceApi, availableInstances, used };
        });
    expect(await counts(theirs)).toEqual(await counts(direct));
  });
});
