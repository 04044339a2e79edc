import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import {
  attachedAt,
  markAttached,
  unmarkAttached,
} from '../../../src/host/simulated/attachments.ts';
import { MemoryTree } from '../../../src/host/memory-tree.ts';
import { file } from '../../../src/host/tree.ts';
import { ATTACHED } from '../../../src/host/simulated/paths.ts';

const UUID = '00000000-0000-4000-8000-000000000001';
const SOCKET = '/run/a b.sock';

function newTree(): MemoryTree {
  const tree = new MemoryTree();
  tree.ensureDirectory(ATTACHED);
  return tree;
}

it('a device is attached as long as the process that serves it is there', async () => {
  const tree = newTree();
  const server = spawn('sleep', ['100']);
  await once(server, 'spawn');
  const pid = server.pid ?? 0;
  markAttached(tree, UUID, { pid, socket: SOCKET });
  expect(attachedAt(tree, UUID)).toEqual({ pid, socket: SOCKET });
  server.kill('SIGKILL');
  await once(server, 'exit');
  expect(attachedAt(tree, UUID)).toBeUndefined();
});

it('not by another process of the same pid, nor by what is no mark', () => {
  const tree = newTree();
  markAttached(tree, UUID, { pid: process.pid, socket: SOCKET });
  const mark = tree.read(`${ATTACHED}/${UUID}`);
  expect(attachedAt(tree, UUID)).toBeDefined();
  for (const other of [mark.replace(/ \d+ /u, ' 1 '), '', 'x', `${process.pid} ${SOCKET}`]) {
    tree.prune(`${ATTACHED}/${UUID}`);
    tree.plant(`${ATTACHED}/${UUID}`, file(other));
    expect(attachedAt(tree, UUID)).toBeUndefined();
  }
  unmarkAttached(tree, UUID);
  expect(attachedAt(tree, UUID)).toBeUndefined();
});
