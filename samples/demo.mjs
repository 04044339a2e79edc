// The main job on a simulated host, with the real command: `npm start` builds it and runs this.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../dist/cli/bin.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-'));
const env = { ...process.env, VIRT_NODEDEV_URI: `sim://${folder}/host` };

const VGPU = '0695d332-7831-493f-9e71-1c85c8911a08';

/**
 * Shows a command line and runs it; its output goes straight to ours.
 *
 * @param {string} shown
 * @param {string} program
 * @param {readonly string[]} args
 * @param {number} expected exit code
 */
function run(shown, program, args, expected = 0) {
  process.stdout.write(`$ ${shown}\n`);
  const { status } = spawnSync(program, args, { cwd: folder, env, stdio: 'inherit' });
  if (status !== expected) throw new Error(`${shown} ended with ${String(status)}`);
}

/** @param {readonly string[]} args */
function virtNodedev(...args) {
  run(`virt-nodedev ${args.join(' ')}`, process.execPath, [bin, ...args]);
}

try {
  for (const name of ['vgpu.xml', 'vgpu-second.xml', 'domains/workstation.xml']) {
    copyFileSync(new URL(name, import.meta.url), join(folder, basename(name)));
  }
  virtNodedev('sim', 'init', 'host', '--profile', 'nvidia-m60');
  process.stdout.write(`$ export VIRT_NODEDEV_URI=${env.VIRT_NODEDEV_URI}\n`);
  virtNodedev('create', 'vgpu.xml', 'vgpu-second.xml');
  virtNodedev('list', '--cap', 'mdev');
  virtNodedev('dumpxml', VGPU);
  virtNodedev('dumpxml', 'pci_0000_86_00_0', '--dialect', 'thread');
  virtNodedev('types', 'pci_0000_86_00_0');
  virtNodedev('hostdev', VGPU);
  copyFileSync(join(folder, 'workstation.xml'), join(folder, 'workstation.xml.orig'));
  virtNodedev('hostdev', '--group', 'group1', '--into', 'workstation.xml');
  run(
    'diff -u workstation.xml.orig workstation.xml',
    'diff',
    ['-u', 'workstation.xml.orig', 'workstation.xml'],
    1,
  );
  virtNodedev('group', 'claim', 'group1', 'workstation');
  virtNodedev('group', 'show', 'group1');
  virtNodedev('group', 'release', 'group1');
  virtNodedev('destroy', '--group', 'group1');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
