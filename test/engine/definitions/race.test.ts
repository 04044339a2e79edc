import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { listDefinitions } from '../../../src/engine/definitions/definitions.ts';
import { buildProgram } from '../../support/build-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const PROCESSES = 20;
const DEFINITIONS = 8;

/** A program that waits for the file `go`, then defines all uuids, each with its own number as type. */
const PROGRAM = `
  import { existsSync } from 'node:fs';
  import { defineFile, formatDefinition, readDefinition, updateFile } from ${JSON.stringify(join(process.cwd(), 'src/engine/definitions/definitions.ts'))};
  const [root, number] = process.argv.slice(2);
  process.umask(0o077);
  const attempt = (operation) => {
    try { operation(); return true; } catch (error) {
      if (!['device-defined', 'definition-changed'].includes(error.code)) throw error;
      return false;
    }
  };
  const own = { type: 'by-' + number, autostart: false, attributes: [{ name: 'a', value: number.repeat(3000) }], extra: {} };
  const won = [];
  while (!existsSync(root + '/go'));
  for (let n = 0; n < ${DEFINITIONS}; n += 1) {
    const uuid = '00000000-0000-4000-8000-' + String(n).padStart(12, '0');
    if (attempt(() => defineFile(root, { parent: 'mtty', uuid }, own))) won.push(uuid);
    const stored = readDefinition(root, { parent: 'mtty', uuid });
    attempt(() => updateFile(stored, formatDefinition({ ...stored.definition, extra: { touched: number } })));
  }
  process.stdout.write(won.join('\\n'));
`;

/** What a process that succeeds prints, line by line. */
async function linesOf(child: ChildProcess): Promise<readonly string[]> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  expect(await once(child, 'close')).toEqual([0, null]);
  return output.split('\n').filter((line) => line !== '');
}

it('of 20 processes that define the same devices, exactly one wins each, and no reader sees a torn file', async () => {
  const root = temporaryFolder();
  const program = await buildProgram(root, PROGRAM);
  const children = Array.from({ length: PROCESSES }, (_, number) =>
    spawn(process.execPath, [program, root, String(number)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const running = new Set(children);
  const results = children.map(async (child) => {
    const lines = await linesOf(child);
    running.delete(child);
    return lines;
  });

  writeFileSync(join(root, 'go'), '');
  const torn: string[] = [];
  let listings = 0;
  while (running.size > 0) {
    torn.push(...listDefinitions(root).problems.map(({ message }) => message));
    listings += 1;
    await setImmediate();
  }
  const won = await Promise.all(results);
  const winners = won.flatMap((uuids, number) =>
    uuids.map((uuid) => [uuid, `by-${number}`] as const),
  );
  const { items, problems } = listDefinitions(root);

  expect(torn).toEqual([]);
  expect(listings).toBeGreaterThan(5);
  expect(winners).toHaveLength(DEFINITIONS);
  expect(problems).toEqual([]);
  expect(new Map(items.map(({ uuid, definition }) => [uuid, definition.type]))).toEqual(
    new Map(winners),
  );
  // Readable for all, though the processes' umask was 077.
  expect(items.map(({ path }) => statSync(path).mode & 0o777)).toEqual(items.map(() => 0o644));
  expect(statSync(join(root, 'etc/mdevctl.d/mtty')).mode & 0o777).toBe(0o755);
}, 30_000);
