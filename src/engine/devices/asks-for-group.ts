import { requiresGroup, saysRequiresGroup } from '../../drivers/settings.ts';
import type { Host, HostParent, HostType } from '../../host/host.ts';

/**
 * Whether a parent's devices go to one VM in one group only: by the setting of a simulated card, or because their type says so. A
 * real card has no such setting.
 */
export const asksForGroup = (
  host: Host,
  parent: HostParent | undefined,
  type?: HostType,
): boolean =>
  parent !== undefined &&
  (host.kind === 'sysfs' ? saysRequiresGroup(type) : requiresGroup(host.card(parent), type));
