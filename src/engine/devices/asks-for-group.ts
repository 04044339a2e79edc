import { requiresGroup } from '../../drivers/settings.ts';
import type { Host, HostParent } from '../../host/host.ts';

/** Whether a parent's card takes several devices of one VM in one group only. A real card has no such setting. */
export const asksForGroup = (host: Host, parent: HostParent | undefined): boolean =>
  host.kind !== 'sysfs' && parent !== undefined && requiresGroup(host.card(parent));
