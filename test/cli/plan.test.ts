import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { connect, type Plan } from '../../src/index.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type RunOptions, type RunResult, run } from './run.ts';

/** A folder with the samples and a simulated host in it; stands as DIR in transcripts. */
let folder: string;

beforeEach(() => {
  folder = temporaryFolder({ inMemory: true });
  cpSync('samples/desired', join(folder, 'desired'), { recursive: true });
  for (const name of ['vgpu.xml', 'vgpu-8q.xml']) cpSync(join('samples', name), join(folder, name));
  makeSimulatedHost(join(folder, 'host'), 'nvidia-m60');
});

const command = (line: string, options: RunOptions = {}): Promise<RunResult> =>
  run(line.split(' '), {
    connect,
    env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
    cwd: folder,
    ...options,
  });

async function transcript(lines: readonly string[], options?: RunOptions): Promise<string> {
  let shown = '';
  for (const line of lines) {
    const { code, stdout, stderr } = await command(line, options);
    shown += `$ virt-nodedev ${line}\n${stdout}${stderr}${code === 0 ? '' : `exit code ${code}\n`}`;
  }
  return shown.replaceAll(folder, 'DIR');
}

const file = (name: string): string => readFileSync(join(folder, name), 'utf8');
const change = (name: string, from: string, to: string): void => {
  expect(file(name)).toContain(from);
  writeFileSync(join(folder, name), file(name).replace(from, to));
};

it('brings a host to a desired state, and keeps it there', async () => {
  const first = await transcript([
    'diff desired',
    'assert desired',
    'plan desired',
    'apply desired',
    'apply desired',
    'plan desired',
    'diff desired',
    'assert desired',
  ]);
  change('desired/design-vgpus.xml', 'frame_rate_limiter=0', 'frame_rate_limiter=1');
  const second = await transcript([
    'create vgpu.xml',
    'plan desired --prune',
    'diff desired',
    'assert desired',
    'apply --dry-run desired',
    'apply desired --prune',
  ]);
  await expect(first + second).toMatchFileSnapshot('golden/plan.txt');
});

it('defines what is desired, and says what cannot be done', async () => {
  const first = await transcript([
    'apply desired --define --autostart',
    'assert desired --define --autostart',
    'sim start desired/design.xml',
    'plan desired --prune',
    'sim stop design',
    'plan vgpu-8q.xml --prune --define',
    'group release design',
    'apply desired/office-vgpu.xml --prune --define',
  ]);
  change(
    'desired/office-vgpu.xml',
    "<attribute name='num_heads' min='4'/>",
    "<attribute name='max_instance' min='4'/><attribute name='framebuffer' max='1048576'/>",
  );
  const second = await transcript([
    'plan desired/office-vgpu.xml',
    'diff desired/office-vgpu.xml',
    'assert desired/office-vgpu.xml',
    'apply desired/office-vgpu.xml',
    'apply vgpu-8q.xml desired/office-vgpu.xml',
  ]);
  await expect(first + second).toMatchFileSnapshot('golden/plan-refusals.txt');
});

describe('a plan in a file', () => {
  const save = async (line: string): Promise<void> => {
    const { stdout } = await command(line);
    writeFileSync(join(folder, 'plan.json'), stdout);
  };

  it('is applied as it is, once', async () => {
    await save('plan desired --json');
    const shown = await transcript(['apply --plan plan.json', 'apply --plan plan.json']);
    await expect(shown).toMatchFileSnapshot('golden/plan-file.txt');
  });

  it('has this shape', async () => {
    await command('create vgpu.xml --json');
    await save('plan desired/office-vgpu.xml desired/office.xml --prune --define --json');
    const plan: Plan = JSON.parse(file('plan.json'));
    const predictions = plan.predictions
      .slice(0, 1)
      .map(({ parents, types }) => ({ parents, types: types.slice(0, 1) }));
    await expect(
      `${JSON.stringify({ ...plan, host: Object.keys(plan.host), predictions }, undefined, 2)}\n`,
    ).toMatchFileSnapshot('golden/plan.json');
  });

  it('is refused when it is none', async () => {
    writeFileSync(join(folder, 'plan.json'), '{"version":1}');
    const { code, stderr } = await command('apply --plan plan.json');
    expect([code, stderr]).toEqual([
      1,
      'error: Failed to apply\n' +
        'error: plan.json: host is not there\n' +
        'hint: a plan is what `virt-nodedev plan --json PATH` prints\n',
    ]);
  });

  it('or a desired state is given, not both', async () => {
    expect(await command('apply')).toMatchObject({ code: 2 });
    expect(await command('apply desired --plan plan.json')).toMatchObject({ code: 2 });
  });
});

describe('progress', () => {
  it('is a bar on a terminal, which goes at the end', async () => {
    const { stderr } = await command('apply desired', { errorTerminal: { columns: 30 } });
    expect(stderr.split('\r').slice(1)).toEqual([
      '[###########            ] 1/2',
      '[#######################] 2/2',
      '\x1b[K',
    ]);
  });

  it('is not reported elsewhere, nor where it was not asked for', async () => {
    expect((await command('apply desired')).stderr).toBe('');
    await command('destroy --group design');
    const quiet = await command('-q apply desired', { errorTerminal: { columns: 30 } });
    expect(quiet.stderr).toBe('');
  });
});

it('reports drift to programs as JSON', async () => {
  const { code, stdout } = await command('diff desired --json');
  expect(code).toBe(4);
  expect(JSON.parse(stdout)).toMatchObject({
    drift: true,
    actions: [{ action: 'create' }, { action: 'create' }, { action: 'claim' }, { action: 'claim' }],
    refusals: [],
  });
});
