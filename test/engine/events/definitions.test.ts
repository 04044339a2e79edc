import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { heardOf, managerOf, pause, simulatedHost, uuidOf } from './support.ts';

const COUNT = 20;
const numbers = Array.from({ length: COUNT }, (_, number) => number);

const nameOf = (number: number): string =>
  `mdev_${uuidOf(number).replaceAll('-', '_')}_0000_86_00_0`;
const linesOf = (word: string): readonly string[] =>
  numbers.map((number) => `${word} ${nameOf(number)}`);
const textOf = (start: string): string =>
  JSON.stringify({ mdev_type: 'nvidia-18', start, attrs: [] }, undefined, 2);
const folderOf = (root: string): string => join(root, 'etc/mdevctl.d/0000:86:00.0');

/** As mdevctl writes: the file is emptied, then written; here with some time in between. */
async function write(folder: string, number: number, text: string): Promise<void> {
  const file = join(folder, uuidOf(number));
  writeFileSync(file, '');
  await pause(number % 4);
  writeFileSync(file, text.slice(0, 10));
  writeFileSync(file, text);
}

it('reports each file that is written, written again and removed once', async () => {
  const root = simulatedHost();
  const heard = await heardOf(await managerOf(`sim://${root}`));
  const folder = folderOf(root);
  mkdirSync(folder, { recursive: true });
  for (const number of numbers) await write(folder, number, textOf('manual'));
  expect((await heard.lines(COUNT)).toSorted()).toEqual(linesOf('defined'));
  for (const number of numbers) await write(folder, number, textOf('auto'));
  // The same again, with other spaces, is no change.
  for (const number of numbers) await write(folder, number, `${textOf('auto')}\n`);
  expect((await heard.lines(2 * COUNT)).slice(COUNT).toSorted()).toEqual(linesOf('update'));
  for (const number of numbers) rmSync(join(folder, uuidOf(number)));
  expect((await heard.lines(3 * COUNT)).slice(2 * COUNT).toSorted()).toEqual(linesOf('undefined'));
});

it('notices folders that come, go and are replaced', async () => {
  const root = simulatedHost();
  rmSync(join(root, 'etc'), { recursive: true, force: true });
  const heard = await heardOf(await managerOf(`sim://${root}`));
  const folder = folderOf(root);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, uuidOf(1)), textOf('manual'));
  expect(await heard.lines(1)).toEqual([`defined ${nameOf(1)}`]);
  renameSync(dirname(folder), join(root, 'elsewhere'));
  expect((await heard.lines(2)).slice(1)).toEqual([`undefined ${nameOf(1)}`]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, uuidOf(2)), textOf('manual'));
  expect((await heard.lines(3)).slice(2)).toEqual([`defined ${nameOf(2)}`]);
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  expect((await heard.lines(4)).slice(3)).toEqual([`undefined ${nameOf(2)}`]);
  writeFileSync(join(folder, uuidOf(3)), textOf('manual'));
  expect((await heard.lines(5)).slice(4)).toEqual([`defined ${nameOf(3)}`]);
});

it('takes a file that stays broken for no definition, until it is one again', async () => {
  const root = simulatedHost();
  const folder = folderOf(root);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, uuidOf(1));
  writeFileSync(file, textOf('manual'));
  const heard = await heardOf(await managerOf(`sim://${root}`));
  writeFileSync(file, '{');
  expect(await heard.lines(1)).toEqual([`undefined ${nameOf(1)}`]);
  writeFileSync(file, textOf('auto'));
  expect(await heard.lines(2)).toEqual([`undefined ${nameOf(1)}`, `defined ${nameOf(1)}`]);
});
