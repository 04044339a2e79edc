import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { attach, Guest, type Running, until, virtNodedev } from './guest.ts';
import { png } from './png.ts';

const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-vm-'));
const root = join(folder, 'host');
const uri = `sim://${root}`;

const TYPES = ['mtty-1', 'mdpy-xga', 'mbochs-medium'] as const;
const uuidOf = (type: string): string =>
  `6a2bd1b8-7b1b-4e32-8a5c-0a1f3b5d9e0${TYPES.findIndex((each) => each === type) + 1}`;
const [SERIAL, FRAMEBUFFER, SCREEN] = TYPES.map(uuidOf);

const command = (...words: readonly string[]) => virtNodedev('-c', uri, ...words);

let server: Running;
let guest: Guest;

/** The lines of the screen that the docs show: there is nothing below. */
const SHOWN_LINES = 160;

/** The memory of a device's BAR 0. */
const memoryOf = (uuid = ''): Buffer =>
  readFileSync(join(root, 'run/virt-nodedev/vfio-user', `${uuid}.region0`));

/** QEMU's arguments for the group, as the command prints them. */
async function deviceArguments(): Promise<readonly string[]> {
  const { stdout } = await command('hostdev', '--qemu', '--group', 'desktop');
  return stdout
    .trim()
    .split('\n')
    .flatMap((line) => ['-device', line.replace(/^-device '(.*)'$/u, '$1')]);
}

beforeAll(async () => {
  await virtNodedev('sim', 'init', root, '--profile', 'kernel-samples');
  const files = TYPES.map((type) => {
    const parent = type.replace(/-.*/u, '');
    const file = join(folder, `${type}.xml`);
    writeFileSync(
      file,
      `<device><parent>${parent}_${parent}</parent><capability type='mdev'><type id='${type}'/>
        <uuid>${uuidOf(type)}</uuid><group>desktop</group></capability></device>`,
    );
    return file;
  });
  await command('create', ...files);
  server = await attach(uri, '--group', 'desktop');
  await until(() => server.said.split('attached at').length === 4);
  guest = await Guest.boot('vm1', await deviceArguments());
});
afterAll(async () => {
  await guest.end('SIGKILL');
  await server.end();
  rmSync(folder, { recursive: true, force: true });
});

it('echoes what is written to the serial card, with interrupts', async () => {
  const port = (
    await guest.run('dmesg | grep -o "ttyS[0-9] at I/O.*irq = [1-9][0-9]*" | tail -1')
  ).trim();
  expect(port).toMatch(/^ttyS[1-9] at I\/O 0x[0-9a-f]+ \(irq = \d+/u);
  const [tty = ''] = port.split(' ');
  const irq = /irq = (\d+)/u.exec(port)?.[1] ?? '';
  const interrupts = async () =>
    Number(/:\s+(\d+)/u.exec(await guest.run(`grep "^ *${irq}:" /proc/interrupts`))?.[1] ?? 0);
  await guest.run(`stty -F /dev/${tty} raw -echo`);
  expect(await guest.run(`exec 3<>/dev/${tty}; echo hello >&3; timeout 5 head -n 1 <&3`)).toBe(
    'hello\n',
  );
  expect(await interrupts()).toBeGreaterThan(0);
});

it('shows in the memory of the host what the guest draws', async () => {
  const fb = /^(\d+) mdpy-fb$/mu.exec(await guest.run('cat /proc/fb'))?.[1];
  expect(fb).toBeDefined();
  await guest.run(`yes PATTERN | head -c 1000000 >/dev/fb${fb}`);
  const memory = memoryOf(FRAMEBUFFER);
  expect(memory.subarray(0, 80).toString()).toBe('PATTERN\n'.repeat(10));
});

it('shows a console on the Bochs display', async () => {
  const fb = /^(\d+) bochs-drm/mu.exec(await guest.run('cat /proc/fb'))?.[1];
  const fact = async (name: string) =>
    (await guest.run(`cat /sys/class/graphics/fb${fb}/${name}`)).trim();
  const [width = 0, height = 0] = (await fact('virtual_size')).split(',').map(Number);
  const stride = Number(await fact('stride'));
  expect([await fact('bits_per_pixel'), stride]).toEqual(['32', width * 4]);
  await guest.run(
    [
      `{ printf '\\033[2J\\033[H\\033[?25l'; uname -sr; echo; cd /sys/bus/pci/devices`,
      'for each in *; do [ -e $each/driver ] || continue; echo "$each $(cat $each/vendor):$(cat $each/device) $(basename $(readlink $each/driver))"; done',
      'echo; dmesg | grep -o "ttyS1 at.*"; cat /proc/fb; } >/dev/tty1',
    ].join('; '),
  );
  // Both are the same picture: what the guest thinks is on its screen, and the memory of the host.
  const seen = async () =>
    (await guest.run(`head -c ${stride * height} /dev/fb${fb} | md5sum`)).slice(0, 32);
  const pixels = () => memoryOf(SCREEN).subarray(0, stride * height);
  await until(async () => createHash('md5').update(pixels()).digest('hex') === (await seen()));
  const colours = new Set(new Uint32Array(Uint8Array.from(pixels()).buffer));
  expect(colours.size).toBeGreaterThan(1);
  if (process.env['UPDATE_DOCS'] === '1')
    writeFileSync('docs/vm.png', png(pixels(), width, SHOWN_LINES));
});

it('is not destroyed while the VM runs, which is named', async () => {
  const { code, stderr } = await command('destroy', SERIAL ?? '');
  expect(code).toBe(1);
  expect(stderr).toContain("device in use by domain 'vm1'");
  expect((await command('group', 'show', 'desktop')).stdout).toMatch(/Owner:\s+vm1/u);
});

it('works again after the guest was reset', async () => {
  const from = guest.said.length;
  guest.child.stdin?.write('reboot -f\n');
  await guest.says('READY', from);
  expect(await guest.run('cat /proc/fb')).toContain('mdpy-fb');
  expect(
    await guest.run(
      'exec 3<>/dev/ttyS1; stty raw -echo <&3; echo again >&3; timeout 5 head -n 1 <&3',
    ),
  ).toBe('again\n');
});

it('is free when QEMU was killed', async () => {
  await guest.end('SIGKILL');
  await until(async () => (await command('destroy', '--group', 'desktop')).code === 0);
  expect((await command('group', 'list')).stdout).not.toContain('desktop');
});
