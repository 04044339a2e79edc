import type { Host, HostDevice, HostType } from '../../host/host.ts';
import type { Context } from '../context.ts';
import { type PreparedChange, redefinition } from '../definitions/define.ts';
import type { StoredDefinition } from '../definitions/definitions.ts';
import type { Intent } from '../journal/journal.ts';
import type { Steps } from '../journal/steps.ts';
import { adopt, refuseForeign } from '../ownership/foreign.ts';
import type { StoreChange } from '../store/store.ts';
import { modifying } from '../wording/messages.ts';
import { refusal } from '../wording/refusals.ts';
import { attributeWrites } from './attribute-writes.ts';
import { factReader } from './guest-facts.ts';
import { nameOf, recordOf } from './inventory.ts';
import type { DeviceRequest } from './request.ts';
import { checkResources, reportDefined, stateFiles } from './resources.ts';

/** The new settings for an update, from a document with one device. */
export interface Update {
  readonly request: DeviceRequest;
  /** The group it is to be in, live and defined. Undefined: the document names none, so it stays the same. */
  readonly group: string | undefined;
  /** The new autostart of the definition; undefined: it stays the same. */
  readonly autostart?: boolean | undefined;
}

/** The part of an update that changes the active device. */
export function activeUpdate(
  context: Context,
  change: StoreChange,
  steps: Steps,
  active: HostDevice,
  update: Update,
  mayAdopt: boolean | undefined,
): PreparedChange {
  const { host } = context;
  const { attributes, params, alias } = update.request;
  refuseForeign(change, [active], mayAdopt);
  adopt(context, change, active);
  const record = recordOf(change, active);
  const writes = attributeWrites(active.type, update.request);
  const values = writes.map(({ name }) => ({ name, value: readIfReadable(host, active, name) }));
  const intents: readonly Intent[] = [
    {
      do: 'set',
      uuid: active.ref.uuid,
      parent: active.ref.parent,
      type: active.type,
      group: record?.group,
      values,
      settings: record && {
        attributes: record.attributes,
        params: record.params,
        alias: record.alias,
      },
    },
  ];
  const doing = modifying(nameOf(active.ref));
  const run = (): void => {
    const { ref, type } = active;
    const files = stateFiles(host, active);
    checkResources(context, [{ ...ref, type, files, writes, doing }]);
    try {
      for (const [index, { name, value }] of writes.entries()) {
        const before = values[index]?.value;
        steps.run(
          `set ${name} of ${nameOf(active.ref)}`,
          () => {
            host.setAttribute(active, name, value);
          },
          (failure) => {
            const isRefused =
              failure !== undefined && readIfReadable(host, active, name) === before;
            if (isRefused) return false;
            if (before === undefined) throw new Error('it cannot be read, so it is not known');
            host.setAttribute(active, name, before);
            return true;
          },
        );
      }
    } catch (error) {
      throw refusal(error, doing, { type: active.type });
    }
    if (record === undefined) return;
    change.addDevice({ ...record, attributes, params, alias: alias ?? record.alias });
  };
  return { intents, run };
}

/** The part that changes its definition. `type`: the new type of a function; undefined: it stays. */
export function definitionUpdate(
  context: Context,
  change: StoreChange,
  steps: Steps,
  stored: StoredDefinition,
  { request, autostart: wanted, type: other }: Update & { readonly type?: HostType | undefined },
): PreparedChange {
  const { definition, parent: address, uuid } = stored;
  const type = other?.id ?? definition.type;
  const attributes = attributeWrites(type, request);
  const autostart = wanted ?? definition.autostart;
  const { location } = request;
  reportDefined(
    context,
    [{ uuid, parent: address, type, writes: attributes, location }],
    autostart,
  );
  const changed = { type, attributes, autostart };
  const { intents, run } = redefinition(context, steps, stored, changed);
  return {
    intents,
    run: () => {
      run();
      const saved = change.definition(stored);
      if (saved === undefined) return; // the definition of another program stays that program's
      const parent = context.host.parent(address);
      const facts = parent && other ? factReader(context.host)(parent, other) : saved.facts;
      change.putDefinition({ ...saved, alias: request.alias ?? saved.alias, facts });
    },
  };
}

function readIfReadable(host: Host, device: HostDevice, name: string): string | undefined {
  try {
    return host.readAttribute(device, name);
  } catch {
    return undefined; // write-only
  }
}
