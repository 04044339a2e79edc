import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  type Stats,
  statfsSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readToEnd } from '../../bounded-read.ts';
import { NodedevError } from '../../errors.ts';
import { DRIVERS } from './paths.ts';

/** The most bytes of a driver. */
const LIMIT = 1024 * 1024;
const MOST_LINKS = 40;
/** The sticky bit: only who owns an entry of such a folder may replace it. */
const STICKY = 0o1000;
const OTHERS_WRITE = 0o022;
/** FUSE_SUPER_MAGIC: who serves it says what it likes of owners. */
const FUSE = 0x65735546;

/** Where a simulated host has the file of a profile's driver. */
export const driverFile = (root: string, module: string): string =>
  join(root, DRIVERS, basename(module));

/** The text of a file that is named to us. Throws Node's own errors. */
export function readDriverFile(path: string): Buffer {
  return readOpen(path, (stats) => {
    if (!stats.isFile()) throw Object.assign(new Error('it is no file'), { code: 'EINVAL' });
  });
}

/**
 * The text of a host's driver, if only the caller or root can have written it: the file and each folder on the way to it, and
 * each link of that way, belong to one of them, and neither group nor others can write them. (An ACL that lets somebody write
 * shows in the bits of the group.) Folders above the host may be sticky: there only its owner can replace an entry. The file
 * has no other name, and no file system that a user serves lies below it. The way is looked at from the top, so that
 * nobody can change what has been looked at; what is returned is what was looked at, not what a second look would find.
 *
 * @param caller whose rights the driver will have
 * @throws NodedevError `driver-refused`: who else can have written it. Node's own errors
 */
export function readTrustedDriver(path: string, caller = process.geteuid?.() ?? 0): Buffer {
  const problem = new Problem(path);
  const owned = (at: string, { uid }: Stats): void => {
    if (uid !== 0 && uid !== caller) throw problem.of(`${at} belongs to user ${uid}`, at);
  };
  let at = '/';
  let links = 0;
  const ahead = resolve(path).split('/');
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    if (name === '' || name === '.') {
      if (at === '/') requireClosed(lstatSync(at));
      continue;
    }
    if (name === '..') {
      at = dirname(at);
      continue;
    }
    const next = join(at, name);
    const stats = lstatSync(next);
    owned(next, stats);
    if (stats.isSymbolicLink()) {
      links += 1;
      if (links > MOST_LINKS) throw problem.of(`${next} is one link too many`, next);
      const target = readlinkSync(next);
      if (target.startsWith('/')) at = '/';
      ahead.unshift(...target.split('/'));
      continue;
    }
    at = next;
    if (stats.isDirectory()) requireClosed(stats);
    else if (ahead.some((rest) => rest !== '')) throw problem.of(`${at} is no folder`, at);
  }
  if (statfsSync(dirname(at)).type === FUSE) {
    throw problem.of(`${dirname(at)} is on a file system that a user's program serves`, at);
  }
  return readOpen(at, (stats) => {
    if (!stats.isFile()) throw problem.of(`${at} is no file`, at);
    owned(at, stats);
    if ((stats.mode & OTHERS_WRITE) !== 0) throw problem.of(`others can write ${at}`, at, 'go-w');
    if (stats.nlink !== 1) throw problem.of(`${at} has another name elsewhere`, at);
  });

  /** The host's folder and those in it are the last three. */
  function requireClosed(stats: Stats): void {
    owned(at, stats);
    const isAbove = ahead.filter((rest) => rest !== '' && rest !== '.').length > 3;
    const isSticky = isAbove && (stats.mode & STICKY) !== 0;
    if ((stats.mode & OTHERS_WRITE) !== 0 && !isSticky) {
      throw problem.of(`others can write to ${at}`, at, 'go-w');
    }
  }
}

/** What is said of a driver that somebody else can have written. */
class Problem {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  of(problem: string, at: string, mode?: string): NodedevError {
    const message = `The driver ${this.#path} is not run: ${problem}`;
    // Others choose names in open folders: what a shell would read otherwise is not proposed as a command.
    const isPlain = /^[\w./-]+$/u.test(at);
    const close =
      mode === undefined || !isPlain ? '' : `\`chmod ${mode} ${at}\` when nobody else may; `;
    return new NodedevError('driver-refused', message, {
      hint: `${close}it would run with your rights: read it, then the option \`profileDrivers: 'all'\` runs it all the same`,
    });
  }
}

function readOpen(path: string, check: (stats: Stats) => void): Buffer {
  const descriptor = openSync(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  try {
    check(fstatSync(descriptor));
    return readToEnd(descriptor, LIMIT);
  } finally {
    closeSync(descriptor);
  }
}
