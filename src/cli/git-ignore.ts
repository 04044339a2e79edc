import { existsSync, lstatSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { readRegularFile } from '../bounded-read.ts';
import { FileError } from './failures.ts';
import * as messages from './messages.ts';

/** The size limit of one .gitignore. */
const MAX_BYTES = 1024 * 1024;
/** How often `**` may stand in one pattern: each more multiplies the time that a deep path takes. */
const MAX_FOLDER_WILDCARDS = 3;

/** As git on Linux. */
const patterns = (): Ignore => ignore({ ignoreCase: false });

/**
 * Whether a path (of a directory with `/` at its end) matches one of the patterns.
 *
 * @param folders that patterns with a `/` are relative to
 */
export function excludedBy(
  globs: readonly string[],
  folders: readonly string[],
): (path: string) => boolean {
  if (globs.length === 0) return () => false;
  const rules = patterns().add(globs.map((glob) => glob.replace(/^\.\//u, '')));
  return (path) =>
    folders.some((folder) => {
      const below = belowFolder(folder, path);
      return below !== undefined && rules.ignores(below);
    });
}

/** What the .gitignore files of a repository leave out, from its folder down to those entered. */
export class GitIgnore {
  /** By folder. */
  readonly #rules = new Map<string, Ignore>();

  /** The rules of the folders above one, up to the one with `.git`. Without a repository there are none. */
  static of(folder: string): GitIgnore {
    const rules = new GitIgnore();
    const above: string[] = [];
    for (let at = folder; ; at = dirname(at)) {
      if (at !== folder) above.unshift(at);
      if (existsSync(join(at, '.git'))) break;
      if (at === dirname(at)) return rules;
    }
    for (const at of above) rules.enter(at);
    return rules;
  }

  /**
   * Adds the rules of a folder. Links are no rules, as for git.
   *
   * @throws FileError when they cannot be read or would take too long
   */
  enter(folder: string): void {
    const file = join(folder, '.gitignore');
    try {
      if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return;
      const text = readRegularFile(file, MAX_BYTES).toString('utf8');
      if (text.split('\n').some((line) => line.split('**').length - 1 > MAX_FOLDER_WILDCARDS)) {
        throw new Error(messages.tooManyFolderWildcards(MAX_FOLDER_WILDCARDS));
      }
      this.#rules.set(folder, patterns().add(text));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new FileError('open', file, error);
    }
  }

  /** Whether a path (of a directory with `/` at its end) is left out. The nearest file that speaks of it decides. */
  ignores(path: string): boolean {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const verdict = this.#rules.get(folder)?.test(belowFolder(folder, path) ?? path);
      if (verdict?.ignored === true || verdict?.unignored === true) return verdict.ignored;
      if (folder === dirname(folder)) return false;
    }
  }
}

/** A path below a folder, relative to it. */
function belowFolder(folder: string, path: string): string | undefined {
  const below = relative(folder, path);
  if (below === '' || below === '..' || below.startsWith('../')) return undefined;
  return path.endsWith('/') ? `${below}/` : below;
}
