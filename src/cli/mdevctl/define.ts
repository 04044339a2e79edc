import type { Connection } from '../../plan/connection.ts';
import { printable } from '../../terminal-text.ts';
import { MdevctlError } from '../failures.ts';
import { deviceXml, readJsonFile } from './device.ts';
import type { Given } from './grammar.ts';
import * as messages from './messages.ts';
import { inItsWords, requireType } from './refusals.ts';
import {
  fileOption,
  forceOption,
  helpOption,
  type MdevctlContext,
  parentOption,
  type Subcommand,
  typeOption,
  uuidOption,
} from './subcommand.ts';

export const define: Subcommand = {
  name: 'define',
  summary: 'Define a device',
  changes: true,
  options: [
    uuidOption,
    { name: 'auto', letter: 'a', summary: 'start it when its parent appears' },
    parentOption,
    typeOption,
    fileOption,
    forceOption,
    helpOption,
  ],
  required: [['uuid', 'parent']],
  exclusive: [
    ['jsonfile', 'type'],
    ['jsonfile', 'auto'],
  ],

  async run(context) {
    const { given, connection, print } = context;
    const { uuid, parent, type, autostart, attributes } = await wanted(context);
    await requireType(connection, parent, type);
    const xml = await deviceXml({ uuid, parent, type, attributes });
    const [device] = await inItsWords({ what: 'define', uuid, parent, type }, () =>
      connection.define(xml, { autostart, adopt: true, onlyNew: true }),
    );
    if (!given.has('uuid')) print(`${printable(device?.uuid ?? '')}\n`);
  },
};

/** What is to be defined. What is not said is that of the active device. */
async function wanted({ given, connection, io }: MdevctlContext) {
  const [uuid, file] = [given.get('uuid'), given.get('jsonfile')];
  if (file !== undefined) {
    const { type, autostart, attributes } = await readJsonFile(io, file);
    const parent = given.get('parent');
    if (parent === undefined)
      throw new MdevctlError(messages.parentForFile('define', JSON.stringify(file)));
    if (await isDefined(connection, uuid, parent)) {
      throw new MdevctlError(messages.notOverwritten(uuid ?? '', parent));
    }
    return { uuid, parent, type, autostart, attributes };
  }
  const active = await activeDevice(connection, uuid);
  const parent = given.get('parent') ?? parentOf(given, active);
  const type = given.get('type') ?? active?.type;
  if (parent === undefined) throw new MdevctlError(messages.noParent);
  if (type === undefined) throw new MdevctlError(messages.noType);
  const { problem, attributes = [] } = active ?? {};
  if (problem !== undefined) throw new MdevctlError(problem.message, { cause: problem });
  return { uuid, parent, type, autostart: given.has('auto'), attributes };
}

type Active = Awaited<ReturnType<typeof activeDevice>>;

/** A type without a parent is not that of the active device. */
const parentOf = (given: Given, active: Active): string | undefined =>
  given.has('type') ? undefined : active?.parent;

async function activeDevice(connection: Connection, uuid: string | undefined) {
  if (uuid === undefined) return undefined;
  return (await connection.mdevctlDevices({ uuid, attributes: true })).items[0];
}

async function isDefined(
  connection: Connection,
  uuid: string | undefined,
  parent: string,
): Promise<boolean> {
  if (uuid === undefined) return false;
  const { items } = await connection.mdevctlDevices({ defined: true, uuid });
  return items.some((one) => one.parent === parent);
}
