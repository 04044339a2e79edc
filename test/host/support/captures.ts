import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryTree } from '../../../src/host/memory-tree.ts';
import { directory, directoryName, file, link } from '../../../src/host/tree.ts';

/** What was captured of real kernels; see the README there. */
export const CAPTURES = 'test/host/captures';

/** A file of a real kernel's tree. */
export interface CapturedEntry {
  readonly path: string;
  readonly kind: 'dir' | 'file' | 'link' | 'char' | 'absent';
  readonly mode?: string;
  readonly target?: string;
  readonly content?: string;
}

export function readCapture(kernel: string, name: string): CapturedEntry[] {
  const text = readFileSync(join(CAPTURES, kernel, `${name}.json`), 'utf8');
  const entries: unknown = JSON.parse(text);
  if (!Array.isArray(entries)) throw new Error(`${name} is no list`);
  return entries.filter(isEntry);
}

function isEntry(value: unknown): value is CapturedEntry {
  return typeof value === 'object' && value !== null && 'path' in value && 'kind' in value;
}

/** The devices the captures were made with, in the order of their creation. */
export const CAPTURED_DEVICES = [
  ['mtty', 'mtty-1'],
  ['mtty', 'mtty-2'],
  ['mdpy', 'mdpy-hd'],
  ['mdpy', 'mdpy-vga'],
  ['mdpy', 'mdpy-xga'],
  ['mbochs', 'mbochs-large'],
  ['mbochs', 'mbochs-medium'],
  ['mbochs', 'mbochs-small'],
].map(([parent = '', type = ''], index) => ({
  parent,
  type,
  uuid: `00000000-1111-4222-8333-00000000000${index + 1}`,
}));

/** A captured tree in memory, to be read as if it were that host. */
export function treeOf(entries: readonly CapturedEntry[]): MemoryTree {
  const tree = new MemoryTree();
  for (const entry of entries) {
    if (entry.kind === 'absent') continue;
    tree.ensureDirectory(directoryName(entry.path));
    if (tree.kind(entry.path) !== undefined) continue;
    if (entry.kind === 'dir') tree.plant(entry.path, directory());
    else if (entry.kind === 'link') tree.plant(entry.path, link(entry.target ?? ''));
    else tree.plant(entry.path, file(entry.content ?? '', Number.parseInt(entry.mode ?? '0', 8)));
  }
  return tree;
}
