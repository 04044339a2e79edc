import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { SysfsHost } from '../../../src/host/sysfs/host.ts';
import { connect } from '../../../src/remote/connect.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

// Programs of a vendor on a host that is no simulated one: shell scripts below its root stand for them.

const SRIOV = '/usr/lib/nvidia/sriov-manage';
const SMI = '/usr/bin/nvidia-smi';
const GPU = '0000:42:00.0';

function program(root: string, path: string, script: string, mode = 0o755): void {
  mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o755 });
  writeFileSync(join(root, path), `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, path), mode);
}

/** On disk: a folder in memory may not be one that programs are run from. */
const newRoot = (): string => temporaryFolder();

const answerOf = (script: string, args: readonly string[] = [], mode?: number) => {
  const root = newRoot();
  program(root, SRIOV, script, mode);
  return new SysfsHost(root).runTool({ program: SRIOV, args, seconds: 60 });
};

describe('a program of the vendor', () => {
  it('gets its arguments as they are, a small environment, and no input', () => {
    const args = ['-e', '0000:42:00.0; $(reboot) "'];
    const { status, output } = answerOf(
      'printf "%s|" "$@"; echo; cat; env; echo error >&2; exit 3',
      args,
    );
    expect(status).toBe(3);
    expect(output).toContain(args.map((arg) => `${arg}|`).join(''));
    expect(output).toContain('error\n');
    const names = [...output.matchAll(/^([A-Z_]+)=/gmu)].map(([, name]) => name);
    const own = names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name ?? ''));
    expect(new Set(own)).toEqual(new Set(['LC_ALL', 'PATH']));
  });

  it('is ended at its time limit, and when it prints without end', () => {
    const root = newRoot();
    program(root, SRIOV, 'exec sleep 1000');
    const late = new SysfsHost(root).runTool({ program: SRIOV, args: [], seconds: 0.2 });
    expect(late).toEqual({ status: undefined, output: `${SRIOV} did not end within 0.2 s` });
    expect(answerOf('exec yes')).toEqual({
      status: undefined,
      output: `${SRIOV} printed too much`,
    });
    expect(answerOf('kill -TERM $$').status).toBeUndefined();
  });

  it.each([
    ['others may write to it', 0o777],
    ['it is no program', 0o644],
  ])('is not run when %s', (_, mode) => {
    const { status, output } = answerOf('echo it ran', [], mode);
    expect(status).toBeUndefined();
    expect(output).toContain('is not run');
  });

  it('is not run when its folder may be written by others, or it leads nowhere', () => {
    const root = newRoot();
    program(root, SRIOV, 'echo it ran');
    chmodSync(dirname(join(root, SRIOV)), 0o777);
    const host = new SysfsHost(root);
    expect(host.runTool({ program: SRIOV, args: [], seconds: 1 }).output).toContain('is not run');
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    symlinkSync('/nowhere', join(root, SMI));
    expect(host.runTool({ program: SMI, args: [], seconds: 1 }).output).toContain('is not run');
    expect([host.hasTool(SRIOV), host.hasTool('/usr/bin/other')]).toEqual([true, false]);
  });
});

describe('a GPU that is set up by programs', () => {
  const desired = (mode: string): string =>
    `<device><name>pci_0000_42_00_0</name><capability type='vgpu'><functions>on</functions><mode>${mode}</mode></capability></device>`;
  const MODES = (mixed: string): string =>
    `case "$*" in *-q*) echo "    MIG Mode"; echo "        Current : Disabled"; echo "        vGPU Heterogeneous Mode : ${mixed}"; exit 0;; *lgi*) echo "No MIG-enabled devices found."; exit 6;; esac`;

  /** The tree of an L40S with its functions on, or off, and these programs. */
  async function setUp(profile: string, sriov: string, smi: string) {
    const simulated = join(temporaryFolder({ inMemory: true }), 'host');
    makeSimulatedHost(simulated, profile);
    const root = join(temporaryFolder({ inMemory: true }), 'real');
    const programs = newRoot();
    cpSync(join(simulated, 'sys'), join(root, 'sys'), { recursive: true, verbatimSymlinks: true });
    for (const [path, script] of [
      [SRIOV, sriov],
      [SMI, smi],
    ] as const) {
      program(programs, path, script);
      mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o755 });
      symlinkSync(join(programs, path), join(root, path));
    }
    return { root, connection: await connect(`sysfs://${root}`) };
  }

  it('is tried again while another program has it, then refused with how to find it', async () => {
    const busy = 'echo x >>"$0.log"; echo "Cannot obtain unbindLock"; exit 1';
    const { root, connection } = await setUp('nvidia-l40s-bare', busy, MODES('Disabled'));
    const plan = await connection.plan([desired('equal')]);
    await expect(connection.apply(plan)).rejects.toMatchObject({
      code: 'setup-refused',
      message: expect.stringContaining('another program uses the GPU'),
      hint: expect.stringContaining('fuser'),
    });
    expect(readFileSync(`${join(root, SRIOV)}.log`, 'utf8')).toBe('x\n'.repeat(5));
  });

  it.each([
    ['a vGPU is in the way', 'echo "In use"; exit 19', 'the GPU has a vGPU (In use)'],
    ['the GPU is not known', 'echo "No devices were found"; exit 6', 'does not know this GPU'],
    ['it fails otherwise', 'echo Bad; exit 77', 'it ended with 77 (Bad)'],
    ['it does nothing and says nothing', 'exit 0', 'the GPU does not show it'],
  ])('is refused when %s', async (_, script, message) => {
    const smi = `${MODES('Disabled')}; ${script}`;
    const { connection } = await setUp('nvidia-l40s', 'exit 0', smi);
    const plan = await connection.plan([desired('mixed')]);
    expect(plan.actions).toMatchObject([{ runs: `${SMI} vgpu -shm 1 -i ${GPU}` }]);
    await expect(connection.apply(plan)).rejects.toMatchObject({
      code: 'setup-refused',
      message: expect.stringContaining(message),
    });
  });

  it('is set up when it shows it, whatever the program answers', async () => {
    const smi = `if [ -e "$0.on" ]; then m=Enabled; else m=Disabled; fi; ${MODES('$m')}; : >"$0.on"; exit 9`;
    const { connection } = await setUp('nvidia-l40s', 'exit 0', smi);
    await connection.apply(await connection.plan([desired('mixed')]));
    expect((await connection.plan([desired('mixed')])).actions).toEqual([]);
  });

  it('is not set up when its modes cannot be known', async () => {
    const { connection } = await setUp(
      'nvidia-l40s',
      'exit 0',
      'echo "NVML: Unknown Error"; exit 255',
    );
    const { refusals } = await connection.plan([desired('mixed')]);
    expect(refusals).toMatchObject([{ code: 'setup-refused' }]);
    expect(refusals[0]?.message).toContain('NVML: Unknown Error');
  });
});
