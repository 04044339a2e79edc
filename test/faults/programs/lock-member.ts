// Takes the lock below a root again and again: `lock-member.ts ROOT ROUNDS RISK`. Counts in a file while it holds it,
// and dies with SIGKILL with this risk each time. Ends with an error when somebody else holds it as well.
import { closeSync, openSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockRoot } from '../../../src/engine/lock/root-lock.ts';

const [root = '', rounds = '', risk = ''] = process.argv.slice(2);
const [counter, inside] = [join(root, 'counter'), join(root, 'inside')];

for (let round = 0; round < Number(rounds); round += 1) {
  const dies = Math.random() < Number(risk);
  // Somewhere between asking for the lock and having it.
  if (dies && round % 2 === 0)
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), Math.random() * 3);
  const release = await lockRoot(root, 120, []);
  closeSync(openSync(inside, 'wx')); // fails when somebody else is inside
  const count = Number(readFileSync(counter, 'utf8'));
  writeFileSync(counter, String(count + 1));
  unlinkSync(inside);
  if (dies) process.kill(process.pid, 'SIGKILL');
  release();
}
