// Takes part in a plan that is killed, and in its recovery: `plan-steps.ts URI before|apply|recover`. The preload kills it.
import { connect } from '../../../src/index.ts';
import { planDocument } from '../plan-document.ts';

const [uri, what] = process.argv.slice(2);
const arm: unknown = Reflect.get(globalThis, 'armFault');
const armFault = (): unknown => typeof arm === 'function' && Reflect.apply(arm, undefined, []);

if (what === 'recover') armFault(); // connecting recovers
const connection = await connect(uri);
if (what === 'recover') await connection.recover();
if (what === 'before') await connection.create([1, 2].map((digit) => planDocument(digit)));
if (what === 'apply') {
  const plan = await connection.plan(planDocument(3), { prune: true });
  armFault();
  await connection.apply(plan);
}
await connection.close();
