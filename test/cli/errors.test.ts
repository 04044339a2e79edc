import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NodedevError } from '../../src/index.ts';
import { fakeManager } from './fake-manager.ts';
import { run } from './run.ts';

const failing = (error: unknown) => fakeManager({ destroy: () => Promise.reject(error) });

it("prints virsh's two lines, and the hint", async () => {
  const connect = failing(
    new NodedevError('in-use', 'device in use by domain desktop', { hint: 'stop it first' }),
  );
  expect(await run(['destroy', 'a'], { connect })).toEqual({
    code: 1,
    stdout: '\n',
    stderr:
      "error: Failed to destroy node device 'a'\n" +
      'error: device in use by domain desktop\n' +
      'hint: stop it first\n',
  });
});

it('prints no empty line with --quiet', async () => {
  const connect = failing(new NodedevError('in-use', 'busy'));
  const { stdout } = await run(['-q', 'destroy', 'a'], { connect });
  expect(stdout).toBe('');
});

it('prints every further issue with its place, and none twice', async () => {
  const location = { file: 'a.xml', line: 3, column: 7 };
  const connect = failing(
    new NodedevError('nodedev-invalid', 'missing <parent>', {
      location,
      issues: [
        { code: 'nodedev-invalid', message: 'missing <parent>', severity: 'error', location },
        {
          code: 'element-ignored',
          message: 'odd',
          severity: 'warning',
          location: { line: 4, column: 1 },
          hint: 'h',
        },
      ],
    }),
  );
  const { stderr } = await run(['destroy', 'a', 'b'], { connect });
  expect(stderr).toBe(
    "error: Failed to destroy node device 'a, b'\n" +
      'error: a.xml:3:7: missing <parent>\n' +
      'warning: <input>:4:1: odd\n' +
      'hint: h\n',
  );
});

it('reports an error as JSON', async () => {
  const connect = failing(
    new NodedevError('in-use', 'busy', {
      hint: 'stop it',
      issues: [{ code: 'undo-failed', message: 'left', severity: 'error' }],
    }),
  );
  const { code, stdout, stderr } = await run(['destroy', 'a', '--json'], { connect });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(JSON.parse(stderr)).toEqual({
    schema: 'error/1',
    warnings: [],
    error: {
      code: 'in-use',
      severity: 'error',
      message: 'busy',
      hint: 'stop it',
      issues: [{ code: 'undo-failed', message: 'left', severity: 'error' }],
    },
  });
});

it('says which connection failed', async () => {
  const error = new NodedevError('uri-invalid', "no driver for 'x:y'");
  const connect = () => Promise.reject(error);
  expect(await run(['-c', 'x:y', 'list'], { connect })).toEqual({
    code: 1,
    stdout: '\n',
    stderr: "error: failed to connect to the host\nerror: no driver for 'x:y'\n",
  });
});

it('reports a defect with its stack and exit code 70', async () => {
  const { code, stderr } = await run(['destroy', 'a'], { connect: failing(new TypeError('oops')) });
  expect(code).toBe(70);
  expect(stderr).toMatch(/^error: internal error, please report it\nTypeError: oops\n {4}at /u);
});

it('closes the connection also after a failure', async () => {
  let closed = 0;
  const connect = fakeManager({
    info: () => Promise.reject(new NodedevError('device-unknown', 'no such device')),
    close: () => {
      closed += 1;
      return Promise.resolve();
    },
  });
  const { stderr } = await run(['info', 'x'], { connect });
  expect(stderr).toBe("error: Could not find matching device 'x'\nerror: no such device\n");
  expect(closed).toBe(1);
});

it.each([
  [['-c', 'sim:///a', 'list'], { VIRT_NODEDEV_URI: 'sim:///b' }, 'sim:///a'],
  [['list', '--connect=sim:///a'], {}, 'sim:///a'],
  [['list'], { VIRT_NODEDEV_URI: 'sim:///b' }, 'sim:///b'],
  [['list'], { VIRT_NODEDEV_URI: '' }, undefined],
  [['list'], {}, undefined],
])('%j with %j connects to %s', async (argv, env: Record<string, string>, expected) => {
  const uris: (string | undefined)[] = [];
  await run(argv, {
    env,
    connect: (uri) => {
      uris.push(uri);
      return fakeManager({ list: () => Promise.resolve({ items: [], problems: [] }) })();
    },
  });
  expect(uris).toEqual([expected]);
});

it('names the file of a host profile with a mistake, or standard input', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-'));
  try {
    const profile = '<host>\n  <name>x</name><oops/>\n</host>';
    writeFileSync(join(folder, 'mine.xml'), profile);
    const init = (word: string) =>
      run(['sim', 'init', 'new', '--profile', word], { cwd: folder, stdin: profile });
    const { code, stderr } = await init('mine.xml');
    expect(code).toBe(1);
    expect(stderr).toContain('error: mine.xml:2:17: <host> has an unknown <oops>\n');
    expect((await init('-')).stderr).toContain('error: <stdin>:2:17: ');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
