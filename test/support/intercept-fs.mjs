// Plain JavaScript, because programs under test load it before themselves (`node --import`).
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Those that change something. `openSync` does when it opens for writing. */
const CHANGES = new Set([
  'appendFileSync',
  'chmodSync',
  'copyFileSync',
  'fchmodSync',
  'fsyncSync',
  'ftruncateSync',
  'linkSync',
  'mkdirSync',
  'renameSync',
  'rmdirSync',
  'rmSync',
  'symlinkSync',
  'truncateSync',
  'unlinkSync',
  'writeFileSync',
  'writeSync',
]);

/**
 * A synchronous call of node:fs, and the function itself.
 *
 * @typedef {{ readonly name: string, readonly args: readonly unknown[], readonly isChange: boolean,
 *   readonly real: (...args: unknown[]) => unknown }} FsCall
 */

/**
 * Has `before` called before every synchronous call of node:fs in this process, and `after` with what it returned.
 * Those of node:net are native and not seen.
 *
 * @param {(call: FsCall) => void} before
 * @param {(call: FsCall, result: unknown) => void} [after]
 * @returns {() => void} what ends it
 */
export function interceptFs(before, after = () => undefined) {
  /** @type {Map<string, unknown>} */
  const originals = new Map();
  for (const name of Object.keys(fs)) {
    /** @type {unknown} */
    const real = Reflect.get(fs, name);
    if (!name.endsWith('Sync') || typeof real !== 'function') continue;
    originals.set(name, real);
    /** @param {unknown[]} args */
    const intercepted = (...args) => {
      const isChange = CHANGES.has(name) || (name === 'openSync' && isForWriting(args[1]));
      /** @type {(...given: unknown[]) => unknown} */
      const same = (...given) => {
        /** @type {unknown} */
        const result = Reflect.apply(real, fs, given);
        return result;
      };
      const call = { name, args, isChange, real: same };
      before(call);
      /** @type {unknown} */
      const result = Reflect.apply(real, fs, args);
      after(call, result);
      return result;
    };
    // realpathSync.native is one of its own.
    Reflect.set(fs, name, Object.assign(intercepted, real));
  }
  syncBuiltinESMExports();
  return () => {
    for (const [name, real] of originals) Reflect.set(fs, name, real);
    syncBuiltinESMExports();
  };
}

/** @param {unknown} flags */
function isForWriting(flags) {
  const { O_WRONLY, O_RDWR } = fs.constants;
  if (typeof flags === 'number') return (flags & (O_WRONLY | O_RDWR)) !== 0;
  return typeof flags === 'string' && /[wa+]/.test(flags);
}

/**
 * The error that a call of node:fs fails with.
 *
 * @param {string} errno
 * @param {FsCall} call
 */
export function injected(errno, { name, args: [file] }) {
  const syscall = name.replace('Sync', '');
  const path = typeof file === 'string' ? { path: file } : {};
  return Object.assign(new Error(`injected ${errno}`), { code: errno, syscall, ...path });
}
