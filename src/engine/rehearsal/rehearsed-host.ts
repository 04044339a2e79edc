import {
  type Host,
  type HostDevice,
  HostError,
  type HostParent,
  type Listing,
  takesType,
} from '../../host/host.ts';
import { withoutDevices } from '../devices/card-changes.ts';
import { cardOf } from '../devices/cards.ts';
import { Forecast } from '../devices/forecast.ts';

import type { CardInfo } from '../card-info.ts';

/**
 * A host on which changes only seem to be made: devices come and go for who asks it, and the real host stays as it is. What is
 * left of each type is what the drivers' rules say.
 */
export function rehearsedHost(host: Host): Host {
  const made = new Map<string, HostDevice>();
  const gone = new Set<string>();
  const values = new Map<string, string>();
  const isMade = ({ ref }: HostDevice): boolean => made.has(ref.uuid);
  const isThere = ({ ref }: HostDevice): boolean => !gone.has(ref.uuid);
  const key = ({ ref }: HostDevice, name: string): string => `${ref.uuid}\n${name}`;
  const find = (uuid: string): HostDevice | undefined =>
    made.get(uuid) ?? (gone.has(uuid) ? undefined : host.find(uuid));

  const cardAfter = (parent: HostParent): CardInfo => {
    const { item } = cardOf(host, parent);
    const left = withoutDevices(item, gone);
    const forecast = new Forecast(left, left !== item);
    const added = [...made.values()].flatMap(({ ref, type: id }) => {
      const at = left.parents.find(({ address }) => address === ref.parent);
      const type = at?.types.find((one) => one.id === id);
      if (at === undefined || type === undefined) return [];
      forecast.create(at, type);
      return [{ uuid: ref.uuid, parent: ref.parent, type: id }];
    });
    const { card, parents } = forecast.after;
    return { card: { ...card, devices: [...left.card.devices, ...added] }, parents };
  };
  const types = (parent: HostParent): ReturnType<Host['types']> => {
    const listed = host.types(parent);
    if (made.size + gone.size === 0) return listed;
    const after = cardAfter(parent).parents.find(({ address }) => address === parent.address);
    return { ...listed, items: after?.types ?? listed.items };
  };
  const devices = (parent?: HostParent): Listing<HostDevice> => {
    const listed = host.devices(parent);
    const added = [...made.values()].filter(
      ({ ref }) => parent === undefined || ref.parent === parent.address,
    );
    return { ...listed, items: [...listed.items.filter(isThere), ...added].toSorted(byRef) };
  };

  const changes: Partial<Host> = {
    find,
    types,
    devices,
    type: (parent, id) => types(parent).items.find((type) => type.id === id),
    card: (parent) => (made.size + gone.size === 0 ? host.card(parent) : cardAfter(parent).card),
    details: (device) =>
      isMade(device) ? { deviceNodes: [], attributes: [] } : host.details(device),
    holders: (device) => (isMade(device) ? [] : host.holders(device)),
    openObstacle: (device, by) => (isMade(device) ? undefined : host.openObstacle(device, by)),
    readAttribute(device, name) {
      const value = values.get(key(device, name));
      if (value !== undefined) return value;
      if (isMade(device)) throw new HostError('ENOENT', `${device.path}/${name}`);
      return host.readAttribute(device, name);
    },
    create(parent, type, uuid) {
      const path = `${parent.path}/mdev_supported_types/${type}/create`;
      if (find(uuid) !== undefined) throw new HostError('EEXIST', path, { written: uuid });
      const offered = types(parent).items.find(({ id }) => id === type);
      if (offered === undefined) throw new HostError('ENOENT', path, { written: uuid });
      if (offered.availableInstances <= 0) throw new HostError('ENOSPC', path, { written: uuid });
      const at = takesType(parent) ? parent.path : `${parent.path}/${uuid}`;
      made.set(uuid, {
        ref: { uuid, parent: parent.address, framework: parent.framework },
        type,
        path: at,
      });
    },
    remove(device) {
      if (made.delete(device.ref.uuid)) return;
      const holders = host.holders(device);
      if (holders.length > 0) throw new HostError('EBUSY', device.path, { holders });
      gone.add(device.ref.uuid);
    },
    setAttribute(device, name, value) {
      values.set(key(device, name), value);
    },
    runTool(command) {
      if (command.asks === true) return host.runTool(command);
      throw new HostError('EROFS', command.program);
    },
  };
  return new Proxy(host, {
    get(target, name) {
      const own: unknown = Reflect.get(changes, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const bound: unknown = value.bind(target);
      return bound;
    },
  });
}

function byRef({ ref: one }: HostDevice, { ref: other }: HostDevice): number {
  const [left, right] = [`${one.parent} ${one.uuid}`, `${other.parent} ${other.uuid}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
