import { aroundAll } from '../scripts/around-scripts.ts';
import { type Context, forCall } from '../context.ts';
import { requireGeneration } from '../devices/generation.ts';
import { readHostState, stateFingerprint } from '../devices/host-state.ts';
import { planStale } from '../wording/messages.ts';
import type { EngineManager } from '../node-device-manager.ts';
import {
  carryOut,
  isOfDevice,
  type Operation,
  scriptCalls,
  stepCount,
} from '../devices/operations.ts';
import { transaction } from '../journal/transaction.ts';
import { infos } from './shared.ts';

/** Whether recovery finishes the operation, instead of undoing it. */
const isEnding = ({ action }: Operation): boolean => action === 'destroy' || action === 'undefine';

/** The methods that a plan is made and carried out with. */
export function changeMethods(connection: Context): Pick<EngineManager, 'state' | 'change'> {
  return {
    state: (setups, functions) =>
      connection.store.readAll((view) => readHostState(connection, view, setups, functions)),

    change(operations, { expect, onProgress, signal, allowHotplug, ifGeneration } = {}) {
      const context = forCall(connection, { signal });
      const ofDevices = operations.filter(isOfDevice);
      const calls = async () => ofDevices.flatMap((operation) => scriptCalls(context, operation));
      const total = stepCount(operations);
      let done = 0;
      const onStep =
        onProgress &&
        (() => {
          done += 1;
          onProgress(done, total);
        });
      return aroundAll(context, calls, () =>
        transaction(
          context,
          async (change, steps) => {
            requireGeneration(context, change, { ifGeneration });
            if (expect !== undefined) {
              const now = stateFingerprint(
                readHostState(context, change, expect.setups),
                expect.parents,
              );
              if (now !== expect.fingerprint) throw planStale();
            }
            await carryOut(context, change, steps, operations, { allowHotplug });
            const refs = new Map(ofDevices.map(({ device }) => [device.uuid, device]));
            return infos(context, change, [...refs.values()]);
          },
          { onStep, undoesAll: operations.every(isEnding) ? undefined : true },
        ),
      );
    },
  };
}
