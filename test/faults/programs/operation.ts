// Runs one operation on a host: `operation.ts URI NAME`. The preload kills it on the way.
import { connect } from '../../../src/index.ts';
import { faultOperationOf } from '../operations.ts';

const [uri, name = ''] = process.argv.slice(2);
const manager = await connect(uri);
const arm: unknown = Reflect.get(globalThis, 'armFault');
if (typeof arm === 'function') Reflect.apply(arm, undefined, []);
await faultOperationOf(name).run(manager);
await manager.close();
