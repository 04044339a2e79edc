import type { BrokenRule } from '../diagnosis.ts';
import { followLinks } from '../follow-links.ts';
import { HostError } from '../host.ts';
import { baseName, type Tree } from '../tree.ts';
import { namesIfAny, order } from './values.ts';

/** Where udev looks for rules; a file hides those of its name further down (udev(7)). */
const FOLDERS = [
  '/etc/udev/rules.d',
  '/run/udev/rules.d',
  '/usr/local/lib/udev/rules.d',
  '/usr/lib/udev/rules.d',
  '/lib/udev/rules.d',
];

/** The programs that start mediated devices when their parent appears. */
const STARTERS: ReadonlySet<string> = new Set(['mdevctl', 'virt-nodedev']);

/** Where programs are, in the order to look. */
const PROGRAM_FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];

/** What a rule executes: `RUN+="…"`, `RUN{program}="…"`, `PROGRAM=="…"`, `IMPORT{program}="…"`. */
const EXECUTED =
  /(?:\bRUN(?:\{program\})?\s*(?::?=|\+=)|\bPROGRAM\s*[=!+:]?=|\bIMPORT\{program\}\s*[=!+:]?=)\s*e?"((?:[^"\\]|\\.)*)"/g;

/** An absolute path as a word of a command, also of one inside `sh -c '…'`. */
const ABSOLUTE = /(?<![^\s'"`;&|({])\/[^\s'"`;&|(){}<>]+/g;

/**
 * Rules that start mediated devices by a path where no program is. mdevctl's own calls `/usr/sbin/mdevctl`, and
 * Debian 12 and 13 have it in `/usr/bin` only.
 */
export function findBrokenRules(tree: Tree): readonly BrokenRule[] {
  return ruleFiles(tree).flatMap(({ name, path }) => {
    // Not a link to /dev/null (which masks rules of its name), nor a pipe (which would wait).
    const text = tree.kind(path) === 'file' ? unlessRefused(() => tree.read(path)) : undefined;
    return [...programLines(text ?? '')]
      .filter(([program]) => unlessRefused(() => followLinks(tree, program) ?? '') === '')
      .map(([program, line]) => {
        return { file: name, line, program, elsewhere: elsewhere(tree, program) };
      });
  });
}

interface RuleFile {
  /** As udev knows it. */
  readonly name: string;
  /** With its links followed. */
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

/** Lines with their continuations (`\` at the end), without comments; numbered where they begin. */
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

/** The starters rules execute by their path, each with the first line that does. */
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

/** Nothing where the host refuses to be looked at: only what is known to be broken is told. */
function unlessRefused<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}
