import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type Connection, connect, parseNodeDevice } from '../../src/index.ts';
import { diskHost } from '../host/support/hosts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { debian, debianRoot } from './debian.ts';
import { fill, libvirtsProfiles } from './sample-hosts.ts';

const TIMEOUT = 240_000;
const script = join(import.meta.dirname, 'libvirtd.sh');
/** Of the kernel's sample drivers, libvirt knows the parent of one only. */
const UNKNOWN = /(?:mbochs|mdpy)/u;

const path = process.env['PATH'] ?? '';
afterEach(() => {
  process.env['PATH'] = path;
});

async function facts(connection: Connection): Promise<readonly unknown[]> {
  const { items, problems } = await connection.list({ state: 'all' });
  expect(problems).toEqual([]);
  return items
    .filter(({ name, parent = '' }) => !UNKNOWN.test(`${name} ${parent}`))
    .map(({ name, parent, active, persistent, type, uuid }) => {
      return { name, parent, active, persistent, type, uuid };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const counts = async (connection: Connection): Promise<readonly unknown[]> =>
  (await connection.types()).items
    .filter(({ parent }) => !UNKNOWN.test(parent))
    .map(({ parent, id, name, deviceApi, availableInstances, used }) => {
      return { parent, id, name, deviceApi, availableInstances, used };
    });

/** Each look starts a libvirtd of its own, for seconds: the others are for a run by hand (STRIDE=1). */
const IN_CI = new Set(['kernel-samples', 'mixed', 'nvidia-m60', 's390-ccw-ap']);
const profiles = libvirtsProfiles.filter(
  (name) => process.env['STRIDE'] === '1' || IN_CI.has(name),
);

// Older ones do not tell a definition of what is active, and their node device daemon does not say when it is ready.
const isNew = debian('virsh', 'help', 'nodedev-dumpxml').includes('--inactive');

it.runIf(isNew).each(profiles)(
  '%s, read by libvirtd and through virsh, is what we read ourselves',
  { timeout: TIMEOUT },
  async (profile) => {
    const { host, dispose } = diskHost(profile);
    const folder = temporaryFolder();
    const spaces = '--mount --net --pid --fork --kill-child';
    writeFileSync(
      join(folder, 'virsh'),
      `#!/bin/sh\nexec unshare ${spaces} '${script}' '${debianRoot()}' '${host.root}' "$@"\n`,
    );
    chmodSync(join(folder, 'virsh'), 0o755);
    process.env['PATH'] = `${folder}:${path}`;
    try {
      await using direct = await connect(`sim://${host.root}`);
      await fill(direct);
      await using theirs = await connect('libvirt:nodedev:///system');
      expect(await facts(theirs)).toEqual(await facts(direct));
      expect(await counts(theirs)).toEqual(await counts(direct));
      const { items } = await direct.list();
      // What attributes an active device has, libvirt says of definitions only.
      const others = items.filter(
        ({ name, capabilities }) => !UNKNOWN.test(name) && !capabilities.includes('mdev'),
      );
      for (const { name } of others) {
        const [one = '', other = ''] = await Promise.all(
          [theirs, direct].map((connection) => connection.dumpxml(name, { dialect: 'libvirt' })),
        );
        expect(parseNodeDevice(one)).toEqual(parseNodeDevice(other));
      }
    } finally {
      dispose();
    }
  },
);
