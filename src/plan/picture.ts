import type { CardDevice } from '../drivers/driver.ts';
import { driverForType } from '../drivers/registry.ts';
import { lackingRoom } from '../engine/devices/lacking-room.ts';
import { requiresGroup } from '../drivers/settings.ts';
import type { DeviceState } from '../engine/devices/host-state.ts';
import {
  type AbsentFunction,
  type ActiveDevice,
  type DefinedDevice,
  type HostPicture,
  startObstacle,
} from '../policy/picture.ts';
import type { DomainRef } from '../policy/domain-ref.ts';
import type { DesiredDevice, Target } from './draft.ts';
import type { HostIndex } from './host-index.ts';

/** What a plan changes of a host. */
export interface PlannedChanges {
  /** Uuids of active devices that go. */
  readonly destroyed?: ReadonlySet<string> | undefined;
  /** Uuids whose definitions go; what is desired may be defined again. */
  readonly undefined?: ReadonlySet<string> | undefined;
  /** Desired devices, with where they will be. */
  readonly targets?: ReadonlyMap<DesiredDevice, Target> | undefined;
  /** Whether a group is taken from its owner. */
  readonly isReleased?: ((group: string) => boolean) | undefined;
}

/** The host for the policy, as a snapshot has it, or as it will be when a plan is carried out. */
export class PlanPicture implements HostPicture {
  readonly hasVfio = true;
  readonly hasHook: boolean;
  readonly #index: HostIndex;
  readonly #gone: ReadonlySet<string>;
  readonly #undefined: ReadonlySet<string>;
  readonly #desired: ReadonlyMap<string, readonly [DesiredDevice, Target]>;
  readonly #isReleased: (group: string) => boolean;
  /** The domains for which the plan claims groups. */
  readonly #claims = new Map<string, DomainRef>();

  constructor(index: HostIndex, changes: PlannedChanges = {}) {
    const {
      destroyed = new Set(),
      undefined: gone = new Set(),
      targets = new Map<DesiredDevice, Target>(),
    } = changes;
    this.#index = index;
    this.#gone = destroyed;
    this.#undefined = gone;
    this.#isReleased = changes.isReleased ?? (() => false);
    this.#desired = new Map([...targets].map((entry) => [entry[0].uuid, entry]));
    this.hasHook = index.state.hasHook;
  }

  claim(group: string, domain: DomainRef): void {
    if (!this.#claims.has(group)) this.#claims.set(group, domain);
  }

  /** Whether the plan claims this group already. */
  isClaimed(group: string): boolean {
    return this.#claims.has(group);
  }

  active(uuid: string): ActiveDevice | undefined {
    const now = this.#index.active(uuid);
    const desired = this.#desired.get(uuid);
    if (desired === undefined) {
      return now === undefined || this.#gone.has(uuid) ? undefined : this.#present(now);
    }
    const [{ group }, target] = desired;
    const stays = now?.parent === target.parent.address && !this.#gone.has(uuid) ? now : undefined;
    return {
      uuid,
      parent: target.parent.address,
      type: target.type.id,
      typeName: target.type.name,
      deviceApi: target.type.deviceApi,
      group: stays !== undefined && stays.active?.record === undefined ? undefined : group,
      requiresGroup: requiresGroup(target.info.card),
      holders: stays?.active?.holders ?? [],
      obstacle: (opened) => stays?.active?.obstacle?.(opened),
    };
  }

  defined(uuid: string): readonly DefinedDevice[] {
    // A desired one is defined again as it is desired.
    if (this.#undefined.has(uuid)) return [];
    return this.#index.devices(uuid).flatMap(({ parent, defined }) => {
      if (defined === undefined) return [];
      const { info, parent: offering } = this.#index.find(parent) ?? {};
      const type = defined.definition?.type;
      const offered = offering?.types.find(({ id }) => id === type);
      const obstacle = startObstacle(offering !== undefined, type, offered !== undefined);
      const asks = info !== undefined && requiresGroup(info.card);
      const group = defined.record?.group;
      return [
        {
          uuid,
          parent,
          type,
          typeName: offered?.name,
          deviceApi: offered?.deviceApi,
          group,
          obstacle,
          requiresGroup: asks,
        },
      ];
    });
  }

  group(name: string): ReturnType<HostPicture['group']> {
    const now = this.#index.owner(name)?.owner;
    const members = this.#index
      .allMembers(name)
      .filter(({ uuid, defined }) => !this.#gone.has(uuid) || defined !== undefined);
    const desired = [...this.#desired.values()].filter(([{ group }]) => group === name);
    return {
      name,
      members: [
        ...new Set([...members.map(({ uuid }) => uuid), ...desired.map(([{ uuid }]) => uuid)]),
      ],
      holders: members.flatMap(({ active }) => active?.holders ?? []),
      claimed: now?.by === 'claim' && !this.#isReleased(name) ? now : this.#claims.get(name),
    };
  }

  /** What is desired has its own check of room. */
  lackingRoom(devices: readonly CardDevice[]): readonly string[] {
    return lackingRoom(this.#index.state.cards, devices).map(({ uuid }) => uuid);
  }

  hotplugRefusal(device: CardDevice): ReturnType<HostPicture['hotplugRefusal']> {
    const driver = driverForType(device.type);
    const info = this.#index.find(device.parent)?.info;
    const errno = info && driver?.hotplugRefusal(info.card, 'open', device);
    return errno === undefined ? undefined : driver?.hotplugRule;
  }

  domainsNaming(uuids: readonly string[]): ReturnType<HostPicture['domainsNaming']> {
    return [...new Set(uuids.flatMap((uuid) => this.#index.domainsNaming(uuid)))];
  }

  /** Of the functions that domains name, those that are devices are asked for by their uuids. */
  functionType(address: string): ReturnType<NonNullable<HostPicture['functionType']>> {
    return this.#index.find(address)?.info.card.isFunctions === true ? 'none' : undefined;
  }

  absentFunction(address: string): AbsentFunction | undefined {
    return this.#index.state.absent.find((each) => each.address === address);
  }

  devicesOn(address: string): readonly string[] {
    // A function that is itself the device is given as this device.
    if (this.#index.find(address)?.info.card.isFunctions === true) return [];
    const needing = this.#index.parentsOf(address);
    const there = this.#index.state.devices.filter(
      ({ uuid, parent, active, defined }) =>
        needing.has(parent) &&
        ((active !== undefined && !this.#gone.has(uuid)) ||
          (defined !== undefined && !this.#undefined.has(uuid))),
    );
    const coming = [...this.#desired.values()].filter(([, { parent }]) =>
      needing.has(parent.address),
    );
    return [...new Set([...there.map(({ uuid }) => uuid), ...coming.map(([{ uuid }]) => uuid)])];
  }

  #present({ uuid, parent, active }: DeviceState): ActiveDevice | undefined {
    if (active === undefined) return undefined;
    const { info, parent: offering } = this.#index.find(parent) ?? {};
    const type = offering?.types.find(({ id }) => id === active.type);
    return {
      uuid,
      parent,
      type: active.type,
      typeName: type?.name,
      deviceApi: type?.deviceApi,
      group: active.record?.group,
      requiresGroup: info !== undefined && requiresGroup(info.card),
      holders: active.holders,
      obstacle: (opened) => (offering === undefined ? 'parent-gone' : active.obstacle?.(opened)),
    };
  }
}
