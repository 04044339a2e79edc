// Loaded before a program (`node --import`): kills it with SIGKILL before its nth change through node:fs, counted
// from its call of armFault. LMDB writes natively: what lies before and after its commits is between two of these.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const CHANGES = [
  'appendFileSync',
  'chmodSync',
  'fchmodSync',
  'fsyncSync',
  'ftruncateSync',
  'linkSync',
  'mkdirSync',
  'openSync',
  'renameSync',
  'rmdirSync',
  'rmSync',
  'symlinkSync',
  'unlinkSync',
  'writeFileSync',
  'writeSync',
];

let left = Infinity;
Reflect.set(globalThis, 'armFault', () => {
  left = Number(process.env['FAULT_AT']);
});
for (const name of CHANGES) {
  /** @type {unknown} */
  const real = Reflect.get(fs, name);
  if (typeof real !== 'function') throw new Error(name);
  /** @param {unknown[]} args */
  const counted = (...args) => {
    if (name !== 'openSync' || isForWriting(args[1])) left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    /** @type {unknown} */
    const result = Reflect.apply(real, fs, args);
    return result;
  };
  Reflect.set(fs, name, counted);
}
syncBuiltinESMExports();

/** @param {unknown} flags */
function isForWriting(flags) {
  const { O_WRONLY, O_RDWR } = fs.constants;
  if (typeof flags === 'number') return (flags & (O_WRONLY | O_RDWR)) !== 0;
  return typeof flags === 'string' && /[wa+]/.test(flags);
}
