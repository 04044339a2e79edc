import type { BrokenRule } from '../diagnosis.ts';
import { followLinks } from '../follow-links.ts';
import { HostError } from '../host.ts';
import { baseName, type Tree } from '../tree.ts';
import { namesIfAny, order } from './values.ts';

/** The folders of udev rules. A file hides files of the same name in later folders (udev(7)). */
const FOLDERS = [
  '/etc/udev/rules.d',
  '/run/udev/rules.d',
  '/usr/local/lib/udev/rules.d',
  '/usr/lib/udev/rules.d',
  '/lib/udev/rules.d',
];

/** The programs that start mediated devices when their parent appears. */
const STARTERS: ReadonlySet<string> = new Set(['mdevctl', 'virt-nodedev']);

/** The folders of programs, in the order in which they are searched. */
const PROGRAM_FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];

/** The parts of a rule that execute a program: `RUN+="…"`, `RUN{program}="…"`, `PROGRAM=="…"`, `IMPORT{program}="…"`. */
const EXECUTED =
  /(?:\bRUN(?:\{program\})?\s*(?::?=|\+=)|\bPROGRAM\s*[=!+:]?=|\bIMPORT\{program\}\s*[=!+:]?=)\s*e?"((?:[^"\\]|\\.)*)"/g;

/** An absolute path as a word of a command, also of one inside `sh -c '…'`. */
const ABSOLUTE = /(?<![^\s'"`;&|({])\/[^\s'"`;&|(){}<>]+/g;

/**
 * Rules that start mediated devices with a program that does not exist. mdevctl's own rule calls `/usr/sbin/mdevctl`, but
 * Debian 12 and 13 have it only in `/usr/bin`.
 */
export function findBrokenRules(tree: Tree): readonly BrokenRule[] {
  return ruleFiles(tree).flatMap(({ name, path }) => {
    // No link to /dev/null (which masks rules of its name), and no pipe (which would block).
    const text = tree.kind(path) === 'file' ? unlessRefused(() => tree.read(path)) : undefined;
    return [...programLines(text ?? '')]
      .filter(([program]) => unlessRefused(() => followLinks(tree, program) ?? '') === '')
      .map(([program, line]) => {
        return { file: name, line, program, elsewhere: elsewhere(tree, program) };
      });
  });
}

interface RuleFile {
  /** The path for udev. */
  readonly name: string;
  /** The path with its links followed. */
  readonly path: string;
}

function ruleFiles(tree: Tree): readonly RuleFile[] {
  const files = new Map<string, RuleFile>();
  for (const folder of FOLDERS) {
    const real = unlessRefused(() => followLinks(tree, folder));
    if (real === undefined) continue;
    for (const name of unlessRefused(() => namesIfAny(tree, real)) ?? []) {
      if (!name.endsWith('.rules') || files.has(name)) continue;
      const path = unlessRefused(() => followLinks(tree, `${real}/${name}`));
      if (path !== undefined) files.set(name, { name: `${folder}/${name}`, path });
    }
  }
  return [...files.entries()].toSorted(([a], [b]) => order(a, b)).map(([, file]) => file);
}

/** Lines joined with their continuations (`\` at the end), without comments, each with the number of its first line. */
function logicalLines(
  text: string,
): readonly { readonly line: number; readonly content: string }[] {
  const lines: { line: number; content: string }[] = [];
  let continued = false;
  text.split('\n').forEach((raw, index) => {
    if (raw.trimStart().startsWith('#')) return;
    const content = raw.endsWith('\\') ? raw.slice(0, -1) : raw;
    const last = lines.at(-1);
    if (continued && last !== undefined) last.content += content;
    else lines.push({ line: index + 1, content });
    continued = raw.endsWith('\\');
  });
  return lines;
}

/** The starters that rules execute by their path, each with the first such line. */
function programLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  for (const { line, content } of logicalLines(text)) {
    const commands = [...content.matchAll(EXECUTED)].map(([, command]) => command ?? '');
    for (const path of commands.flatMap((command) => command.match(ABSOLUTE) ?? [])) {
      if (STARTERS.has(baseName(path)) && !lines.has(path)) lines.set(path, line);
    }
  }
  return lines;
}

function elsewhere(tree: Tree, program: string): string | undefined {
  return PROGRAM_FOLDERS.map((folder) => `${folder}/${baseName(program)}`).find(
    (path) => unlessRefused(() => followLinks(tree, path)) !== undefined,
  );
}

/** The result of `look`; undefined when the host refuses it, because only rules known to be broken are reported. */
function unlessRefused<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}
