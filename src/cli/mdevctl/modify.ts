import type { DefinitionChange } from '../../engine/call-options.ts';
import { mdevName } from '../../nodedev/names.ts';
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

/** What is changed: one of these. */
const WAYS = ['auto', 'manual', 'addattr', 'delattr', 'jsonfile'] as const;

export const modify: Subcommand = {
  name: 'modify',
  summary: 'Change the definition of a device',
  changes: true,
  options: [
    uuidOption,
    parentOption,
    typeOption,
    { name: 'addattr', summary: 'add an attribute of this name', takes: 'text' },
    { name: 'delattr', summary: 'remove an attribute' },
    { name: 'index', letter: 'i', summary: 'where; by default the end', takes: 'index' },
    { name: 'value', summary: 'the value of what --addattr adds', takes: 'text' },
    { name: 'auto', letter: 'a', summary: 'start it when its parent appears' },
    { name: 'manual', letter: 'm', summary: 'do not' },
    { name: 'live', letter: 'l', summary: 'let a script change the active device' },
    { name: 'defined', letter: 'd', summary: 'with --live: change the definition, too' },
    fileOption,
    forceOption,
    helpOption,
  ],
  required: [['uuid'], WAYS],
  exclusive: [
    ...WAYS.flatMap((one, index) => WAYS.slice(index + 1).map((other) => [one, other] as const)),
    ['value', 'delattr'],
    ...['auto', 'manual', 'jsonfile'].flatMap(
      (one) =>
        [
          [one, 'index'],
          [one, 'value'],
        ] as const,
    ),
    ['jsonfile', 'type'],
    ...['type', 'index', 'value'].map((other) => ['live', other] as const),
  ],
  needs: [
    ['addattr', 'value'],
    ['value', 'addattr'],
  ],

  async run(context) {
    const { given } = context;
    if (given.has('live')) await modifyLive(context);
    else if (given.has('jsonfile')) await replace(context);
    else await modifyParts(context);
  },
};

/** Replaces a definition by a file's, or makes it. */
async function replace({ given, io, connection }: MdevctlContext): Promise<void> {
  const [uuid = '', parent, file = ''] = ['uuid', 'parent', 'jsonfile'].map((one) =>
    given.get(one),
  );
  if (parent === undefined) throw new MdevctlError(messages.parentForFile('modify'));
  const content = await readJsonFile(io, file);
  const { type, autostart, attributes } = content;
  const doing = { what: 'define', uuid, parent, type } as const;
  const { items } = await connection.mdevctlDevices({ defined: true, uuid });
  if (items.some((one) => one.parent === parent)) {
    await inItsWords(doing, () =>
      connection.modify(mdevName(uuid, parent), { type, autostart, attributes }),
    );
    return;
  }
  await requireType(connection, parent, type);
  const xml = await deviceXml({ uuid, parent, type, attributes });
  await inItsWords(doing, () => connection.define(xml, { autostart, adopt: true, onlyNew: true }));
}

async function modifyParts({ given, connection }: MdevctlContext): Promise<void> {
  const [uuid = '', parent, type] = ['uuid', 'parent', 'type'].map((one) => given.get(one));
  const found = (await connection.mdevctlDevices({ defined: true, uuid })).items;
  const [device, other] = found.filter((one) => parent === undefined || one.parent === parent);
  const written = parent === undefined ? uuid : `${parent}/${uuid}`;
  if (device === undefined) throw new MdevctlError(messages.notDefined(written));
  if (other !== undefined) throw new MdevctlError(messages.severalToModify(uuid));
  if (type !== undefined && type !== device.type)
    await requireType(connection, device.parent, type);
  await inItsWords({ what: 'other', uuid, parent: device.parent, ...(type && { type }) }, () =>
    connection.modify(mdevName(uuid, device.parent), changeOf(given)),
  );
}

function changeOf(given: Given): DefinitionChange {
  const [addattr, value = ''] = [given.get('addattr'), given.get('value')];
  const at = given.get('index');
  const index = at === undefined ? undefined : Number(at);
  return {
    type: given.get('type'),
    ...(given.has('auto') && { autostart: true }),
    ...(given.has('manual') && { autostart: false }),
    ...(addattr !== undefined && { addAttribute: { name: addattr, value, index } }),
    ...(given.has('delattr') && { deleteAttribute: { index } }),
  };
}

async function modifyLive({ given, io, connection }: MdevctlContext): Promise<void> {
  for (const word of ['auto', 'manual']) {
    if (given.has(word)) throw new MdevctlError(messages.startStays(word));
  }
  const [uuid = '', parent, file] = ['uuid', 'parent', 'jsonfile'].map((one) => given.get(one));
  const [active] = (await connection.mdevctlDevices({ uuid })).items;
  if (active === undefined || (parent !== undefined && active.parent !== parent)) {
    const written = parent === undefined ? uuid : `${parent}/${uuid}`;
    throw new MdevctlError(messages.notActiveDevice(written));
  }
  if (file === undefined) throw new MdevctlError(messages.liveNeedsFile);
  const { type, autostart, attributes } = await readJsonFile(io, file);
  if (type !== active.type) throw new MdevctlError(messages.typeStays);
  const config = given.has('defined');
  if (config) await requireSameType({ connection }, uuid, active.parent, type);
  const name = mdevName(uuid, active.parent);
  await inItsWords({ what: 'other' }, () =>
    connection.modify(name, { autostart, attributes }, { live: true, config }),
  );
}

async function requireSameType(
  { connection }: Pick<MdevctlContext, 'connection'>,
  uuid: string,
  parent: string,
  type: string,
): Promise<void> {
  const { items } = await connection.mdevctlDevices({ defined: true, uuid });
  const defined = items.find((one) => one.parent === parent);
  if (defined === undefined) throw new MdevctlError(messages.notDefined(`${parent}/${uuid}`));
  if (defined.type !== type) throw new MdevctlError(messages.typesDiffer);
}
