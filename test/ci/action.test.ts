import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { validateAction, validateWorkflow } from '@action-validator/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../support/temporary-folder.ts';

// GitHub itself is not here: its files are checked against its schemas, and their steps run as its runner runs them.

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

const text = (file: string): string => readFileSync(file, 'utf8');
const action: Action = parse(text('action.yml'));
const workflow: { readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>> } =
  parse(text('samples/ci/github-workflow.yml'));

let folder: string;

beforeEach(() => {
  folder = temporaryFolder({ inMemory: true });
  mkdirSync(join(folder, 'vm'));
  mkdirSync(join(folder, 'bin'));
  cpSync('samples/domains/two-vgpus.xml', join(folder, 'vm/two.xml'));
  cpSync('samples/domains/invalid-vgpus.xml', join(folder, 'vm/bad name.xml'));
  const command = `exec ${process.execPath} ${resolve('dist/cli/bin.js')} "$@"`;
  writeFileSync(join(folder, 'bin/virt-nodedev'), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
});

/** Runs a step as `shell: bash` does, with the runner's variables. */
function runStep(
  { run = '', env = {} }: Step,
  inputs: Readonly<Record<string, string>> = {},
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const values = Object.entries(env).map(([name, value]) => [
    name,
    value.replaceAll(/\$\{\{ inputs\.(\w+) \}\}/gu, (_, input: string) => inputs[input] ?? ''),
  ]);
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run],
    {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: `${folder}/bin:${process.env['PATH']}`,
        GITHUB_ACTION_PATH: resolve('.'),
        RUNNER_TEMP: folder,
        ...Object.fromEntries(values),
      },
    },
  );
  return { status, stdout, stderr };
}

function runAction(given: Readonly<Record<string, string>>): ReturnType<typeof runStep> {
  const defaults = Object.entries(action.inputs).map(([name, input]) => [name, input.default]);
  const inputs: Record<string, string> = { ...Object.fromEntries(defaults), ...given };
  const [validate = {}] = action.runs.steps;
  return runStep(validate, inputs);
}

it('what GitHub reads is as it asks for it', () => {
  expect(validateAction(text('action.yml'))).toMatchObject({ errors: [] });
  expect(validateWorkflow(text('samples/ci/github-workflow.yml'))).toMatchObject({ errors: [] });
  expect(validateAction('name: x')).not.toMatchObject({ errors: [] });
});

describe('the action', () => {
  it('annotates what is wrong, and writes SARIF, with the exit code of the command', () => {
    const { status, stdout, stderr } = runAction({ files: 'vm', sarif: 'out.sarif' });
    expect([status, stderr]).toEqual([3, '']);
    expect(stdout).toMatch(/^::error file=vm\/bad name\.xml,line=12,/mu);
    const sarif = text(join(folder, 'out.sarif'));
    expect(sarif.match(/"ruleId"/gu)?.length).toBeGreaterThan(5);
  });

  it('passes what is right', () => {
    expect(runAction({ files: 'vm/two.xml\n' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('checks against a host, with the options it is told', () => {
    const given = { files: 'vm/two.xml', connection: 'test:///nvidia-m60' };
    expect(runAction(given).stdout).toContain('not found');
    const options = '--ignore\nmdev-not-active\n';
    expect(runAction({ ...given, options }).status).toBe(0);
  });

  it.each([
    { files: '$(touch ran)\n`touch ran`\n"; touch ran; "' },
    { files: 'vm/two.xml', options: '; touch ran\n--only=$(touch ran)' },
    { files: '--help', connection: '$(touch ran)' },
  ])('runs nothing of %o', (given) => {
    expect(runAction(given).status).not.toBe(0);
    expect(spawnSync('find', [folder, '-name', 'ran']).stdout.toString()).toBe('');
  });
});

it("the workflow's own host is made, and shown", () => {
  const step = workflow.jobs['fake-gpu']?.steps.find(({ name }) => name?.startsWith('A host'));
  const { status, stdout, stderr } = runStep(step ?? {});
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/Tesla M60/u);
});

it('pre-commit runs the command', () => {
  const [hook]: readonly { readonly entry: string; readonly language: string }[] = parse(
    text('.pre-commit-hooks.yaml'),
  );
  expect(hook).toMatchObject({ language: 'script', types: ['xml'] });
  const [script = '', ...words] = hook?.entry.split(' ') ?? [];
  const run = (file: string): number | null =>
    spawnSync(resolve(script), [...words, file], { cwd: folder }).status;
  expect([run('vm/two.xml'), run('vm/bad name.xml')]).toEqual([0, 3]);
});
