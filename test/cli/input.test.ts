import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPath } from '../../src/cli/input.ts';
import { xmlFiles } from '../../src/cli/xml-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { builtCommand } from './built-command.ts';
import { run } from './run.ts';

const LIMITS = { bytes: 100_000, silence: 0.2 };

function fifo(): string {
  const path = join(temporaryFolder(), 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
}

describe('a file by name', () => {
  it.each(['/dev/zero', '/dev/null', '/dev/urandom'])('%s is refused by its type', async (path) => {
    await expect(readPath(path, LIMITS)).rejects.toThrow('it is a device, not a file');
  });

  it('is read up to its limit, and no further', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, 'x'.repeat(LIMITS.bytes));
    expect((await readPath(path, LIMITS)).length).toBe(LIMITS.bytes);
    truncateSync(path, 2 ** 40);
    await expect(readPath(path, LIMITS)).rejects.toThrow('larger than 100000 bytes');
  });

  it('that is a FIFO is not waited for without end', async () => {
    await expect(readPath(fifo(), LIMITS)).rejects.toThrow('no byte came for 0.2 s');
  });

  it('that is a FIFO is read to its end, however slow its writer is', async () => {
    const path = fifo();
    // Each wait is far within the limit, all of them are beyond it.
    const read = readPath(path, { ...LIMITS, silence: 3 });
    const writer = openSync(path, constants.O_RDWR);
    for (const part of ['a', 'b', 'c', 'd']) {
      await new Promise((resolve) => setTimeout(resolve, 800));
      writeSync(writer, part);
    }
    closeSync(writer);
    expect((await read).toString()).toBe('abcd');
  });

  it('that is a FIFO ends at its limit', async () => {
    const path = fifo();
    const read = readPath(path, { ...LIMITS, silence: 60 });
    const writer = spawn('sh', ['-c', 'exec yes > "$0"', path], { stdio: 'ignore' });
    await expect(read).rejects.toThrow('larger than 100000 bytes');
    await once(writer, 'exit');
    expect(writer.signalCode).toBe('SIGPIPE');
  });
});

describe('standard input', () => {
  /** Runs the command with standard input from a line of shell, or a device. */
  async function create(input: string, ...options: string[]): Promise<string> {
    const words = ['-c', 'test:///default', ...options, 'create', '-'].join(' ');
    const script = `${input} "$0" "$1" ${words} 2>&1 >/dev/null`;
    const shell = spawn('bash', ['-c', script, process.execPath, builtCommand], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const output = await shell.stdout.toArray();
    shell.kill();
    return Buffer.concat(output).toString();
  }

  it.each([
    ['without an end', 'yes |', [], 'larger than 16 MiB'],
    ['that is silent', '', ['--input-timeout', '1'], 'no byte came for 1 s; --input-timeout'],
    ['that is a device', '< /dev/zero', [], 'it is a device, not a file'],
    ['that is a folder', '< .', [], 'Is a directory'],
  ])('%s is refused', { timeout: 20_000 }, async (_, input, options, reason) => {
    const written = input.startsWith('<') ? `exec ${input};` : input;
    expect(await create(written, ...options)).toContain(
      `error: Failed to open file '<stdin>': ${reason}`,
    );
  });
});

it.each(['create - -', 'define - -'])('%s takes it once', async (line) => {
  const { code, stderr } = await run(line.split(' '), { stdin: '<device/>' });
  expect([code, stderr]).toEqual([2, 'error: standard input (-) is given twice\n']);
});

describe('a directory', () => {
  it('with files whose names are not UTF-8 is read whole', async () => {
    const folder = temporaryFolder();
    mkdirSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])]));
    const odd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0x2f, 0xfe])]);
    writeFileSync(Buffer.concat([odd, Buffer.from('.xml')]), '<device/>');
    writeFileSync(join(folder, 'good.xml'), '<device/>');
    const { stdout, code } = await run(['validate', '.'], { cwd: folder });
    expect(code).toBe(3);
    expect(stdout).toContain('./\ufffd/\ufffd.xml:1:1: error: no device capabilities');
    expect(stdout).toContain('2 documents checked: 2 errors');
  });

  it('is not followed down without end', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'd/'.repeat(66)), { recursive: true });
    const { code, stdout } = await run(['validate', folder]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /: error: Failed to open file '.*': it is nested more than 64 directories deep /,
    );
  });

  it('is not listed without end', async () => {
    const folder = temporaryFolder();
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), '');
    expect((await xmlFiles({ cwd: folder }, ['.'], { maxEntries: 2 })).unreadable).toMatchObject([
      { message: expect.stringContaining('it has more than 2 entries') },
    ]);
  });
});

it('20,000 files are no more open files than one', { timeout: 120_000 }, () => {
  const folder = temporaryFolder({ inMemory: true });
  const text = '<device><parent>p</parent></device>';
  for (let index = 0; index < 20_000; index += 1) writeFileSync(join(folder, `${index}.xml`), text);
  const script = 'ulimit -n 64; "$0" "$1" -q validate "$2" | tail -1; exit ${PIPESTATUS[0]}';
  const call = (): string =>
    execFileSync('bash', ['-c', script, process.execPath, builtCommand, folder], {
      stdio: 'pipe',
    }).toString();
  expect(call).toThrow(expect.objectContaining({ status: 3, stderr: Buffer.from('') }));
});
