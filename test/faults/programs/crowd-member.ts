// One of many processes on a host: `crowd-member.ts URI`. Reads a task a line, answers `ok` or an error's code.
import { createInterface } from 'node:readline';
import { openContext } from '../../../src/engine/open.ts';
import { redefine, requireDefinition } from '../../../src/engine/definitions/define.ts';
import { findDevice } from '../../../src/engine/devices/inventory.ts';
import { createManager } from '../../../src/engine/manager.ts';
import { transaction } from '../../../src/engine/journal/transaction.ts';
import { NodedevError } from '../../../src/index.ts';
import type { Task } from '../crowd.ts';

const uri = process.argv[2] ?? '';
const { context, simulated } = await openContext(uri);
const manager = createManager(uri, context, simulated);

/** The engine's read, change, write of a definition, as autostart does it. */
const addAttribute = (device: string, attribute: string): Promise<void> =>
  transaction(context, (change, steps) => {
    const stored = requireDefinition(findDevice(context, change, device, 'defined'));
    const attributes = [...stored.definition.attributes, { name: attribute, value: '1' }];
    redefine(context, steps, stored, { attributes });
  });

function perform(task: Task): Promise<unknown> {
  switch (task.do) {
    case 'create':
    case 'define':
      return manager[task.do](task.xml);
    case 'update':
      return manager.update(task.device, task.xml, { config: true });
    case 'autostart':
      return manager.autostart(task.device, task.enabled);
    case 'claim':
      return manager.claim(task.group, { name: task.domain });
    case 'add-attribute':
      return addAttribute(task.device, task.attribute);
  }
}

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const task: Task = JSON.parse(line);
  const answer = await perform(task).then(
    () => 'ok',
    (error: unknown) => (error instanceof NodedevError ? error.code : String(error)),
  );
  process.stdout.write(`${answer}\n`);
}
await manager.close();
