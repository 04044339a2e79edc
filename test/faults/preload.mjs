// Loaded before a program (`node --import`): kills it with SIGKILL before its nth change through node:fs, counted
// from its call of armFault.
import { interceptFs } from '../support/intercept-fs.mjs';

let left = Infinity;
Reflect.set(globalThis, 'armFault', () => {
  left = Number(process.env['FAULT_AT']);
});
interceptFs(({ isChange }) => {
  if (!isChange) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
});
