import { expect, it } from 'vitest';
import { contextOf } from '../../../src/engine/open.ts';
import { createManager } from '../../../src/engine/manager.ts';
import { createMemoryHost } from '../../../src/host/simulated/memory.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import { XML } from './operations.ts';

/** A host that takes what is to be created, and makes it only later. */
async function interrupted() {
  const kernel = createMemoryHost(readSampleProfile('nvidia-m60'));
  const late: (() => unknown)[] = [];
  const host = new Proxy(kernel, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const call = (): unknown => Reflect.apply(value, target, args);
        return name === 'create' ? late.push(call) : call();
      };
    },
  });
  const context = contextOf(host);
  const manager = createManager('test:///late', context, undefined);
  const failure: unknown = await manager
    .create(XML, { signal: AbortSignal.timeout(50) })
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: 'aborted',
    issues: [{ code: 'undo-failed', message: expect.stringContaining('it has not appeared') }],
  });
  const appear = (): void => late.splice(0).forEach((call) => call());
  return { kernel, context, manager, appear };
}

it('a device that appears after nobody waits for it any more is removed by the next recovery', async () => {
  const { kernel, context, manager, appear } = await interrupted();
  appear();
  expect(kernel.devices().items).toHaveLength(1);
  await manager.recover();
  expect(kernel.devices().items).toEqual([]);
  expect(context.journal.entries()).toEqual([]);
});

it('one that appears only after the next recovery is told until then, stops no change, and is removed by a later one', async () => {
  const { kernel, context, manager, appear } = await interrupted();
  const notYet = { code: 'recovery-left', message: expect.stringContaining('not appeared yet') };
  await manager.define(XML); // recovers before
  expect(await manager.recover()).toMatchObject([notYet]);
  expect(await manager.doctor()).toContainEqual(expect.objectContaining(notYet));
  appear();
  expect(kernel.devices().items).toHaveLength(1);
  expect(await manager.recover()).toMatchObject([{ code: 'recovered' }]);
  expect(kernel.devices().items).toEqual([]);
  expect(context.journal.entries()).toEqual([]);
});
