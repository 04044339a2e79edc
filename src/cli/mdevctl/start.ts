import { mdevName } from '../../nodedev/names.ts';
import { printable } from '../../terminal-text.ts';
import { MdevctlError } from '../failures.ts';
import { deviceXml, readJsonFile } from './device.ts';
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

export const start: Subcommand = {
  name: 'start',
  summary: 'Start a device: a defined one, or one of this parent and type',
  changes: true,
  options: [uuidOption, parentOption, typeOption, fileOption, forceOption, helpOption],
  required: [['uuid', 'parent']],
  exclusive: [['type', 'jsonfile']],

  async run(context) {
    const { given, io } = context;
    const [file, parent, type] = ['jsonfile', 'parent', 'type'].map((name) => given.get(name));
    if (file !== undefined) {
      const content = await readJsonFile(io, file, 'jsonfile');
      if (parent === undefined) throw new MdevctlError(messages.parentForFile('start'));
      await startTransient(context, { ...content, parent });
      return;
    }
    if (await startDefined(context)) return;
    if (type !== undefined && parent === undefined) {
      throw new MdevctlError(messages.typeWithoutParent);
    }
    if (type === undefined || parent === undefined) {
      throw new MdevctlError(messages.insufficient);
    }
    await startTransient(context, { parent, type, attributes: [] });
  },
};

type Transient = Omit<Parameters<typeof deviceXml>[0], 'uuid'>;

async function startTransient(
  { given, connection, print }: MdevctlContext,
  { parent, type, attributes }: Transient,
): Promise<void> {
  const uuid = given.get('uuid');
  if (uuid !== undefined) await refuseActive({ connection }, { uuid, parent, type });
  await requireType(connection, parent, type);
  const xml = await deviceXml({ uuid, parent, type, attributes });
  const { devices } = await inItsWords({ what: 'start', uuid, parent, type }, () =>
    connection.create(xml),
  );
  if (uuid === undefined) print(`${printable(devices[0]?.uuid ?? '')}\n`);
}

/** Starts the device of this uuid if it is defined; whether it is. */
async function startDefined({ given, connection }: MdevctlContext): Promise<boolean> {
  const [uuid, parent, type] = ['uuid', 'parent', 'type'].map((name) => given.get(name));
  if (uuid === undefined) return false;
  const { items } = await connection.mdevctlDevices({ defined: true, uuid });
  const [device, other] = items.filter((one) => parent === undefined || one.parent === parent);
  if (device === undefined) return false;
  if (other !== undefined) throw new MdevctlError(messages.severalDefinitions(uuid));
  if (type !== undefined && device.type !== undefined && type !== device.type) {
    throw new MdevctlError(messages.definedAs(uuid, device.parent, device.type));
  }
  const place = { uuid, parent: device.parent, type: device.type ?? '' };
  await refuseActive({ connection }, place);
  await inItsWords({ what: 'start', ...place }, () =>
    connection.start(mdevName(uuid, device.parent)),
  );
  return true;
}

/** @throws MdevctlError: a device of this uuid is active, here or elsewhere */
async function refuseActive(
  { connection }: Pick<MdevctlContext, 'connection'>,
  { uuid, parent, type }: { readonly uuid: string; readonly parent: string; readonly type: string },
): Promise<void> {
  const [active] = (await connection.mdevctlDevices({ uuid })).items;
  if (active === undefined) return;
  if (active.parent !== parent) throw new MdevctlError(messages.otherParent);
  throw new MdevctlError(active.type === type ? messages.alreadyExists : messages.otherType);
}
