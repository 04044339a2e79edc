import { isUtf8 } from 'node:buffer';
import { lstat, opendir, realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FileError, UsageError } from './failures.ts';
import { type InputFile, sourceName, STANDARD } from './files.ts';
import type { GitIgnore } from './git-ignore.ts';
import type { Io } from './io.ts';
import * as messages from './messages.ts';

/** Limits: the depth of folders, and the number of entries in all folders. */
const MAX_DEPTH = 64;
const MAX_ENTRIES = 1_000_000;

/** What of directories is left out, beside dot folders and node_modules. */
export interface ScanOptions {
  /** Patterns as in a .gitignore, relative to the directory that is named, to the current one, or to `/`. */
  readonly exclude?: readonly string[];
  /** Whether what git ignores is left out: .gitignore files, up to the repository's folder. */
  readonly git?: boolean;
  readonly maxEntries?: number;
}

export interface XmlFile {
  readonly file: InputFile;
  /** It is in the command line, not only in a directory there. */
  readonly isNamed: boolean;
}

export interface XmlFiles {
  readonly files: readonly XmlFile[];
  /** Names and directories that cannot be looked at, or have too much in them. */
  readonly unreadable: readonly FileError[];
}

/**
 * The files of these names, each once, whatever links lead to it. A directory stands for all `*.xml` in it and below it,
 * sorted, without dot folders and node_modules. In it links to files are followed if root or the caller made them, so
 * that nobody else chooses what root reads; links to folders are not, so that there are no cycles.
 *
 * @throws UsageError for a directory without any such file
 */
export async function xmlFiles(
  io: Pick<Io, 'cwd'>,
  names: readonly string[],
  options: ScanOptions = {},
): Promise<XmlFiles> {
  const scan = new Scan(io.cwd, options);
  for (const name of names) {
    try {
      await scan.add(name);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      scan.unreadable.push(error);
    }
  }
  return { files: [...scan.files.values()], unreadable: scan.unreadable };
}

/** A file with its real path, one character a byte. */
type Found = readonly [path: string, file: InputFile];

/** A directory: its real path, one character a byte, and its name in messages. */
interface Folder {
  readonly path: string;
  readonly name: string;
}

/** What a directory in the command line has. */
interface Contents {
  readonly files: Found[];
  readonly links: Found[];
  hasMore: boolean;
}

class Scan {
  /** By their real path. */
  readonly files = new Map<string, XmlFile>();
  readonly unreadable: FileError[] = [];
  readonly #cwd: string;
  readonly #options: ScanOptions;
  #entries = 0;

  constructor(cwd: string, options: ScanOptions) {
    this.#cwd = cwd;
    this.#options = options;
  }

  async add(name: string): Promise<void> {
    if (name === STANDARD) {
      this.files.set(name, { file: name, isNamed: true });
      return;
    }
    const path = resolve(this.#cwd, name);
    const status = await stat(path).catch(failed(name));
    const real = await realpath(path, { encoding: 'latin1' }).catch(failed(name));
    if (!status.isDirectory()) {
      this.files.set(real, { file: this.files.get(real)?.file ?? name, isNamed: true });
      return;
    }
    const found: Contents = { files: [], links: [], hasMore: false };
    const patterns = await import('./git-ignore.ts');
    const exclude = patterns.excludedBy(this.#options.exclude ?? [], [utf8(real), this.#cwd, '/']);
    const ignored = this.#options.git === true ? patterns.GitIgnore.of(utf8(real)) : undefined;
    const before = this.unreadable.length;
    const folder = { path: real, name: name.replace(/(?<=.)\/+$/, '') };
    await this.#scan(
      folder,
      0,
      found,
      (one) => exclude(one) || ignored?.ignores(one) === true,
      ignored,
    );
    // A link says nothing of a file that is there under its own name.
    const files = [...new Map([...found.links, ...found.files])];
    if (files.length === 0 && !found.hasMore && this.unreadable.length === before) {
      throw new UsageError(messages.noXmlFiles(name));
    }
    for (const [at, file] of files.toSorted(([, a], [, b]) =>
      sourceName(a) < sourceName(b) ? -1 : 1,
    )) {
      if (!this.files.has(at)) this.files.set(at, { file, isNamed: false });
    }
  }

  async #scan(
    folder: Folder,
    depth: number,
    found: Contents,
    isLeftOut: (path: string) => boolean,
    ignored: GitIgnore | undefined,
  ): Promise<void> {
    if (depth > MAX_DEPTH)
      throw new FileError('open', folder.name, new Error(messages.nestedTooDeep(MAX_DEPTH)));
    const below: Folder[] = [];
    try {
      ignored?.enter(utf8(folder.path));
      // A name need not be UTF-8, so each byte is a character here.
      const entries = await opendir(bytes(folder.path), { encoding: 'latin1' });
      for await (const entry of entries) {
        this.#count(folder.name);
        const path = childOf(folder.path, entry.name);
        const one = { path, name: childOf(folder.name, utf8(entry.name)) };
        const isXml = entry.name.endsWith('.xml');
        if (entry.isDirectory()) {
          if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
          if (isLeftOut(`${utf8(path)}/`)) found.hasMore = true;
          else below.push(one);
        } else if (isXml && isLeftOut(utf8(path))) {
          found.hasMore = true;
        } else if (isXml && entry.isFile()) {
          found.files.push([path, inputFile(one)]);
        } else if (isXml && entry.isSymbolicLink()) {
          const target = await linkedFile(path);
          if (target !== undefined) found.links.push([target, inputFile(one)]);
        }
      }
    } catch (error) {
      if (error instanceof FileError || !(error instanceof Error)) throw error;
      this.unreadable.push(new FileError('open', folder.name, error));
    }
    for (const each of below) await this.#scan(each, depth + 1, found, isLeftOut, ignored);
  }

  #count(folder: string): void {
    const { maxEntries = MAX_ENTRIES } = this.#options;
    this.#entries += 1;
    if (this.#entries > maxEntries) failed(folder)(new Error(messages.tooManyEntries(maxEntries)));
  }
}

/** The real path of the file that a link leads to; undefined for anything else, and for links of other users. */
async function linkedFile(path: string): Promise<string | undefined> {
  try {
    const { uid } = await lstat(bytes(path));
    if (uid !== 0 && uid !== process.getuid?.()) return undefined;
    const target = await realpath(bytes(path), { encoding: 'latin1' });
    return (await stat(bytes(target))).isFile() ? target : undefined;
  } catch {
    return undefined; // it leads nowhere
  }
}

function inputFile({ path, name }: Folder): InputFile {
  const full = bytes(path);
  return isUtf8(full) ? name : { name, path: full };
}

const bytes = (path: string): Buffer => Buffer.from(path, 'latin1');

const utf8 = (path: string): string => bytes(path).toString('utf8');

const childOf = (folder: string, name: string): string =>
  folder === '/' ? `/${name}` : `${folder}/${name}`;

function failed(name: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new FileError('open', name, error);
  };
}
