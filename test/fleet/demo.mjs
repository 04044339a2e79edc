// `npm run demo:fleet`: three members of etcd and eight simulated hosts with an agent each, on loopback. 40 VMs get a vGPU; an
// agent and a member of etcd are killed and started again; nothing is lost.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const HOSTS = 8;
const VMS = 40;
const PORT = 23_790;

const bin = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url));
const script = fileURLToPath(new URL('etcd.sh', import.meta.url));
const fetched = spawnSync('bash', [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
if (fetched.status !== 0) process.exit(fetched.status ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-fleet-'));
const members = [0, 1, 2];
const urls = members.map((n) => `http://127.0.0.1:${PORT + 2 * n}`);
const etcd = ['--etcd', urls.join(',')];
/** @type {Map<string, import('node:child_process').ChildProcess>} */
const running = new Map();

/**
 * Starts a program that goes on, under a name.
 *
 * @param {string} name
 * @param {string} program
 * @param {readonly string[]} words
 */
function start(name, program, words) {
  const log = openSync(join(folder, `${name}.log`), 'a');
  const child = spawn(program, words, { stdio: ['ignore', log, log] });
  running.set(name, child);
}

/** @param {number} n */
function startMember(n) {
  const peer = (/** @type {number} */ one) => `http://127.0.0.1:${PORT + 2 * one + 1}`;
  const words = {
    '--name': `etcd${n}`,
    '--data-dir': join(folder, `etcd${n}`),
    '--listen-client-urls': urls[n] ?? '',
    '--advertise-client-urls': urls[n] ?? '',
    '--listen-peer-urls': peer(n),
    '--initial-advertise-peer-urls': peer(n),
    '--initial-cluster': members.map((one) => `etcd${one}=${peer(one)}`).join(','),
  };
  start(`etcd${n}`, join(fetched.stdout.trim(), 'etcd'), Object.entries(words).flat());
}

/** @param {number} n */
function startAgent(n) {
  const host = ['-c', `sim://${folder}/gpu${n}`];
  start(`gpu${n}`, process.execPath, [bin, ...host, 'agent', ...etcd, '--name', `gpu${n}`]);
}

/**
 * Shows a command line and runs it.
 *
 * @param {readonly string[]} words
 */
function show(...words) {
  const shown = words.length > 8 ? [...words.slice(0, 6), '…'] : words;
  process.stdout.write(`$ virt-nodedev ${shown.join(' ')} --etcd URLS\n`);
  const { status, stdout } = spawnSync(process.execPath, [bin, ...words, ...etcd], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = stdout.split('\n');
  process.stdout.write(`${lines.slice(0, 14).join('\n')}${lines.length > 14 ? '\n …' : ''}\n\n`);
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${String(status)}`);
}

/** @returns {readonly { alive: boolean, reservations: readonly { state: string }[] }[]} */
const status = () => {
  const words = [bin, 'fleet', 'status', '--json', ...etcd];
  /** @type {{ hosts: readonly { alive: boolean, reservations: readonly { state: string }[] }[] }} */
  const { hosts } = JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }));
  return hosts;
};

/** Active devices in the hosts' own trees. */
const inTrees = () =>
  Array.from({ length: HOSTS }, (_, n) => {
    const bus = join(folder, `gpu${n}`, 'sys/bus/mdev/devices');
    return readdirSync(bus).length;
  }).reduce((sum, count) => sum + count, 0);

/**
 * @param {string} what
 * @param {() => boolean} holds
 */
async function until(what, holds) {
  for (let tries = 0; tries < 120; tries += 1) {
    try {
      if (holds()) {
        process.stdout.write(`- ${what}\n\n`);
        return;
      }
    } catch {
      // etcd may still be starting.
    }
    await sleep(500);
  }
  throw new Error(`not in a minute: ${what}`);
}

try {
  for (const n of members) startMember(n);
  for (let n = 0; n < HOSTS; n += 1) {
    const words = ['-q', 'sim', 'init', join(folder, `gpu${n}`), '--profile', 'nvidia-m60'];
    execFileSync(process.execPath, [bin, ...words]);
    startAgent(n);
  }
  const alive = () => status().filter((host) => host.alive).length;
  await until(`all ${HOSTS} agents live`, () => alive() === HOSTS);
  const vms = Array.from({ length: VMS }, (_, n) => `vm${n}`);
  show('fleet', 'reserve', '--policy', 'spread', ...vms.map((vm) => `${vm}=M60-2Q`));
  show('fleet', 'apply', ...vms);
  await until(`${VMS} vGPUs are in the hosts' trees`, () => inTrees() === VMS);
  show('fleet', 'status');

  process.stdout.write('# The agent of gpu3 and a member of etcd are killed\n');
  running.get('gpu3')?.kill('SIGKILL');
  running.get('etcd1')?.kill('SIGKILL');
  show('fleet', 'release', 'vm0', 'vm1', 'vm2');
  await until('the host gpu3 is unknown, not free', () => alive() === HOSTS - 1);
  show('fleet', 'reserve', '--policy', 'spread', 'late=M60-2Q');
  show('fleet', 'apply', 'late');
  process.stdout.write('# Both start again\n');
  startMember(1);
  startAgent(3);
  await until('all agents live', () => alive() === HOSTS);
  const wanted = VMS - 3 + 1;
  const reservations = () => status().flatMap((host) => host.reservations);
  await until(`${wanted} vGPUs are there, and nothing was lost`, () => {
    const kept = reservations();
    return inTrees() === wanted && kept.length === wanted && kept.every((one) => one.state === 'wanted');
  });
  show('fleet', 'status');
} finally {
  const all = [...running.values()].filter((child) => child.exitCode === null && child.signalCode === null);
  const ends = all.map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of all) child.kill('SIGKILL');
  await Promise.all(ends);
  rmSync(folder, { recursive: true, force: true });
}
