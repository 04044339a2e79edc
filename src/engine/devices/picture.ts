import { driverForType } from '../../drivers/registry.ts';
import { asksForGroup } from './asks-for-group.ts';
import type { Holder, Host, HostDevice, HostParent, HostType, NodeKind } from '../../host/host.ts';
import {
  type ActiveDevice,
  type DeviceObstacle,
  type DefinedDevice,
  type HostPicture,
  startObstacle,
} from '../../policy/picture.ts';
import type { Context } from '../context.ts';
import type { DefinitionRef } from '../definitions/definitions.ts';
import { isHookInstalled } from '../ownership/hook-installed.ts';
import { domainsNaming } from '../ownership/libvirt-domains.ts';
import type { StoreView } from '../store/store.ts';
import { listCards } from './cards.ts';
import { changedFacts } from './guest-facts.ts';
import { lackingRoom } from './lacking-room.ts';
import { startReasons } from './resources.ts';
import {
  absentFunction,
  deviceOfFunction,
  displacedBy,
  functionUuid,
  isRebound,
  isTypedFunction,
  physicalFunctionOf,
} from './functions.ts';
import { activeGroup } from './groups.ts';
import { deviceHolders, groupHolders, holdersIfKnown } from './holders.ts';
import { claimedDomain, groupNameOf, knownDevice, lookUpDevice } from './inventory.ts';

export interface PictureOptions {
  /** For a change: who has a device open must be known, `permission-denied` otherwise. */
  readonly forChange?: boolean | undefined;
}

/** This host for the policy, as it is while it is asked. It is valid as long as `view`. */
export function pictureOf(
  context: Context,
  view: StoreView,
  options: PictureOptions = {},
): HostPicture {
  const { host, definitions } = context;
  return {
    get hasVfio() {
      return host.hasVfio();
    },
    get hasHook() {
      return isHookInstalled(host);
    },
    active: (uuid) => {
      const device = host.find(uuid);
      return device && new PicturedDevice(context, view, device, options);
    },
    defined: (uuid) => definitions.find(uuid).map((ref) => definedDevice(context, view, ref)),
    uuidOf: (name) => functionUuid(context, name) ?? lookUpDevice(context, view, name)?.ref.uuid,
    group: (name) => {
      const group = activeGroup(host, view, name);
      const holders = options.forChange === true ? groupHolders(host, group) : group.holders;
      const members = [...new Set(group.members)];
      const { lentTo } = view.activeGroup(name) ?? {};
      return { name, members, holders, claimed: claimedDomain(view, name), lentTo };
    },
    lackingRoom: (devices) => lackingRoom(listCards(host).items, devices).map(({ uuid }) => uuid),
    startReasons: (devices) => startReasons(context, devices),
    hotplugRefusal: (device) => {
      const driver = driverForType(device.type);
      const parent = host.parent(device.parent);
      const errno = parent && driver?.hotplugRefusal(host.card(parent), 'open', device);
      return errno === undefined ? undefined : driver?.hotplugRule;
    },
    domainsNaming: (uuids) => domainsNaming(host, view, uuids),
    devicesOn: (address) => devicesOn(context, address),
    absentFunction: (address) => absentFunction(host, address),
    functionType: (address) => {
      if (!isTypedFunction(host, address)) {
        return isRebound(context, address) ? 'rebound' : undefined;
      }
      if (deviceOfFunction(host, address) !== undefined) return 'given';
      return functionUuid(context, address) === undefined ? 'none' : 'defined';
    },
  };
}

/** An active device. What costs something is read when it is asked for. */
class PicturedDevice implements ActiveDevice {
  readonly uuid: string;
  readonly parent: string;
  readonly type: string;
  readonly group: string | undefined;
  readonly #context: Context;
  readonly #host: Host;
  readonly #device: HostDevice;
  readonly #options: PictureOptions;
  #type: { readonly found: HostType | undefined } | undefined;

  constructor(context: Context, view: StoreView, device: HostDevice, options: PictureOptions) {
    this.uuid = device.ref.uuid;
    this.parent = device.ref.parent;
    this.type = device.type;
    this.group = groupNameOf(view, device);
    this.#context = context;
    this.#host = context.host;
    this.#device = device;
    this.#options = options;
  }

  get typeName(): string | undefined {
    return this.#hostType?.name;
  }

  get deviceApi(): string | undefined {
    return this.#hostType?.deviceApi;
  }

  get requiresGroup(): boolean {
    return asksForGroup(this.#host, this.#parent);
  }

  get holders(): readonly Holder[] | undefined {
    return this.#options.forChange === true
      ? deviceHolders(this.#host, this.#device)
      : holdersIfKnown(this.#host, this.#device);
  }

  obstacle(opened: NodeKind): DeviceObstacle | undefined {
    return this.#parent === undefined
      ? 'parent-gone'
      : this.#host.openObstacle(this.#device, opened);
  }

  get displaced(): ActiveDevice['displaced'] {
    return displacedBy(this.#context, this.#device);
  }

  get #parent(): HostParent | undefined {
    return this.#host.parent(this.parent);
  }

  get #hostType(): HostType | undefined {
    const parent = this.#parent;
    this.#type ??= { found: parent && this.#host.type(parent, this.type) };
    return this.#type.found;
  }
}

function definedDevice(context: Context, view: StoreView, ref: DefinitionRef): DefinedDevice {
  const { host } = context;
  const { parent: address, uuid } = ref;
  const type = knownDevice(context, ref)?.definition?.definition.type;
  const parent = host.parent(address);
  const offered = parent && type !== undefined ? host.type(parent, type) : undefined;
  const obstacle = startObstacle(parent !== undefined, type, offered !== undefined);
  return {
    uuid,
    parent: address,
    type,
    typeName: offered?.name,
    deviceApi: offered?.deviceApi,
    group: view.definition(ref)?.group,
    obstacle,
    get requiresGroup() {
      return asksForGroup(host, parent);
    },
    get changes() {
      const saved = view.definition(ref);
      return saved && changedFacts(context, saved, type);
    },
  };
}

function devicesOn({ host, definitions }: Context, address: string): readonly string[] {
  // A function that is itself the device is given as this device.
  if (isTypedFunction(host, address)) return [];
  const virtual = host
    .parents()
    .items.filter((parent) => physicalFunctionOf(host, parent) === address);
  const needing = new Set([address, ...virtual.map((parent) => parent.address)]);
  const refs = [...host.devices().items.map(({ ref }) => ref), ...definitions.refs().items];
  return [...new Set(refs.filter(({ parent }) => needing.has(parent)).map(({ uuid }) => uuid))];
}
