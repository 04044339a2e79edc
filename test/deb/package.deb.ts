import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = process.env['VIRT_NODEDEV_DEBIAN'] ?? '';
const FOLDER = '/root/virt-nodedev-package';

/** Runs a shell script as root in the Debian, where the package is in the current folder. */
function inDebian(script: string, input = ''): { status: number | null; output: string } {
  const { status, stdout } = spawnSync(
    resolve('test/libvirt/debian.sh'),
    ['trixie', 'sh', '-c', `exec 2>&1; cd ${FOLDER} && ${script}`],
    { input, encoding: 'utf8' },
  );
  return { status, output: stdout };
}

/** Builds the package in a folder that is there, and returns its path. */
const build = (folder: string): string =>
  execFileSync(resolve('packaging/deb/build.sh'), [folder], { encoding: 'utf8' }).trim();

beforeAll(() => {
  mkdirSync(join(root, FOLDER), { recursive: true });
  renameSync(build(join(root, FOLDER)), join(root, FOLDER, 'package.deb'));
  inDebian('dpkg --purge virt-nodedev');
});

afterAll(() => {
  inDebian('dpkg --purge virt-nodedev');
  rmSync(join(root, FOLDER), { recursive: true });
});

it('is the same when it is built again', () => {
  const first = readFileSync(join(root, FOLDER, 'package.deb'));
  expect(readFileSync(build(temporaryFolder())).equals(first)).toBe(true);
});

it('has nothing that lintian finds', () => {
  const script = 'lintian --allow-root --fail-on error,warning package.deb';
  expect(inDebian(script)).toEqual({ status: 0, output: '' });
});

it('is installed with what it brings, works, and is removed without a trace', () => {
  expect(inDebian('dpkg --install package.deb').status).toBe(0);

  const vgpu = '00000000-0000-4000-8000-000000000001';
  expect(
    inDebian(
      `virt-nodedev --quiet sim init host --profile nvidia-m60 && cd host && export VIRT_NODEDEV_URI=sim:. &&
       virt-nodedev --quiet create --parent pci_0000_86_00_0 --type nvidia-18 --uuid ${vgpu} &&
       virt-nodedev --quiet list --cap mdev`,
    ),
  ).toEqual({ status: 0, output: `mdev_${vgpu.replaceAll('-', '_')}_0000_86_00_0\n` });
  expect(inDebian('man --where virt-nodedev').status).toBe(0);
  expect(
    inDebian('udevadm verify --no-summary /usr/lib/udev/rules.d/60-virt-nodedev.rules'),
  ).toEqual({
    status: 0,
    output: '',
  });
  expect(inDebian('systemd-analyze verify /usr/lib/systemd/system/virt-nodedev*')).toEqual({
    status: 0,
    output: '',
  });
  const completions = `bash -n /usr/share/bash-completion/completions/virt-nodedev &&
    zsh -n /usr/share/zsh/vendor-completions/_virt-nodedev &&
    fish --no-execute /usr/share/fish/vendor_completions.d/virt-nodedev.fish`;
  expect(inDebian(completions)).toEqual({ status: 0, output: '' });

  const hook = '/etc/libvirt/hooks/qemu.d/virt-nodedev vm1 prepare begin -';
  const domain = (devices: string): string =>
    `<domain type='kvm'><name>vm1</name><devices>${devices}</devices></domain>`;
  expect(inDebian(hook, domain(''))).toEqual({ status: 0, output: '' });
  const missing = `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${vgpu}'/></source></hostdev>`;
  expect(inDebian(hook, domain(missing)).status).toBe(1);

  expect(inDebian('dpkg --remove virt-nodedev').status).toBe(0);
  // The hook stays until it is purged, and then keeps no domain from starting.
  expect(inDebian(hook, domain(missing))).toEqual({ status: 0, output: '' });
  expect(inDebian('dpkg --purge virt-nodedev').status).toBe(0);
  expect(inDebian("find /etc /usr /var/lib -name '*virt-nodedev*'")).toEqual({
    status: 0,
    output: '',
  });
});
