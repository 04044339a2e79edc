import { expect, it } from 'vitest';
import type { Issue } from '../../src/index.ts';
import { fakeManager } from './fake-manager.ts';
import { run } from './run.ts';

const NOTICE: Issue = {
  code: 'doctor-parent-full',
  severity: 'notice',
  message: 'full',
  hint: 'destroy one',
};
const WARNING: Issue = { code: 'doctor-orphan', severity: 'warning', message: 'an orphan' };
const ERROR: Issue = {
  code: 'doctor-definition-unreadable',
  severity: 'error',
  message: 'broken file',
  location: { file: '/etc/x', line: 1, column: 2 },
};

const doctor = (findings: readonly Issue[], ...options: string[]) =>
  run(['doctor', ...options], {
    connect: fakeManager({ doctor: () => Promise.resolve(findings) }),
  });

it('reports findings one by one with their hints, and fails', async () => {
  expect(await doctor([NOTICE, WARNING, ERROR])).toEqual({
    code: 1,
    stdout:
      'notice: full\nhint: destroy one\nwarning: an orphan\nerror: /etc/x:1:2: broken file\n\n',
    stderr: '',
  });
});

it.each([
  ['nothing', [], 'No problems found\n\n'],
  ['notices only', [NOTICE], 'notice: full\nhint: destroy one\nNo problems found\n\n'],
])('is content with %s', async (_, findings, stdout) => {
  expect(await doctor(findings)).toEqual({ code: 0, stdout, stderr: '' });
});

it.each([
  ['a warning', [WARNING], 1],
  ['a notice', [NOTICE], 0],
])('prints %s as JSON, with the same exit code', async (_, findings, code) => {
  const result = await doctor(findings, '--json');
  expect([result.code, JSON.parse(result.stdout)]).toEqual([
    code,
    { schema: 'doctor/1', findings, warnings: [] },
  ]);
});
