// Lets the making of a simulated host die, or fail, at calls of node:fs: `init.ts FOLDER SEED EVERY`.
// Prints how often which came of it.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { NodedevError } from '../../../src/index.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { openSimulatedHost } from '../../../src/host/simulated/open.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import { type FsCall, injected, interceptFs } from '../../support/intercept-fs.mjs';
import { filesBelow } from '../outcome.ts';
import { ERRNOS } from '../settings.ts';

const [folder = '', ...numbers] = process.argv.slice(2);
const [seed = 0, every = 1] = numbers.map(Number);
const profile = readSampleProfile('kernel-samples');
const root = join(folder, 'host');
const outcomes = { nothing: 0, all: 0 };

makeSimulatedHost(root, profile);
const whole = filesBelow(root).join();
let calls = 0;
strike(false, () => {
  calls += 1;
});
for (let at = 1 + (seed % every); at <= calls; at += every) {
  for (const mode of ['fail', 'die'] as const) {
    const errno = ERRNOS[(at + seed) % ERRNOS.length] ?? 'EIO';
    let ahead = at;
    const wasThere = (at + seed) % 2 === 0;
    const told = strike(wasThere, (call) => {
      ahead -= 1;
      if (ahead === 0 || (ahead < 0 && mode === 'die')) {
        throw injected(errno, call);
      }
    });
    const isThere = existsSync(join(root, 'sim/hardware.json'));
    const where = `${mode} at ${at}, ${errno}: told ${told}`;
    const left = existsSync(root) ? readdirSync(root) : undefined;
    if (mode === 'fail' && told === 'nothing' && left?.length !== (wasThere ? 0 : undefined))
      throw new Error(`${where}, there is ${left?.join()}`);
    if (told === 'all' && !isThere) throw new Error(`${where}, there is none`);
    if (!isThere) makeSimulatedHost(root, profile);
    openSimulatedHost(root).repair();
    const found = filesBelow(root).filter((name) => name !== './.virt-nodedev-init');
    if (found.join() !== whole) throw new Error(`${where}, not as good as new`);
    outcomes[isThere ? 'all' : 'nothing'] += 1;
  }
}
process.stdout.write(JSON.stringify(outcomes));

/** Makes a host, in an empty directory or a new one, and returns what is said to have been done. */
function strike(wasThere: boolean, before: (call: FsCall) => void): 'nothing' | 'all' {
  rmSync(root, { recursive: true, force: true });
  if (wasThere) mkdirSync(root);
  // existsSync meets no error.
  const restore = interceptFs((call) => {
    if (call.name !== 'existsSync') before(call);
  });
  try {
    makeSimulatedHost(root, profile);
    return 'all';
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    return 'nothing';
  } finally {
    restore();
  }
}
