import type { Dialect, MdevCapability } from '../device.ts';
import { child, children, oneOrMore, only, optional, printed } from '../fields.ts';
import { capabilityOf } from '../record.ts';
import { text, unsignedInt, uuid } from '../values.ts';
import { attr, iommuGroup, pciAddress } from './common.ts';
import { describedType } from './mdev-types.ts';
import { guestPci } from './pci.ts';

const OURS: readonly Dialect[] = ['thread', 'extended'];

/** `<capability type='mdev'>`: libvirt's elements, and the thread's group, params and guest device among them. */
export const mdev = capabilityOf<MdevCapability>(
  'mdev',
  {
    types: oneOrMore('type', describedType, {
      missing: (subject) => `missing type id attribute for '${subject}'`,
    }),
    uuid: optional(
      child('uuid', uuid, {
        invalid: (_, written) => `Invalid uuid '${written}' for new mdev device`,
      }),
    ),
    parentAddress: only(['libvirt', 'extended'], optional(child('parent_addr', text))),
    function: only(OURS, optional(child('address', pciAddress))),
    alias: only(['extended'], optional(child('alias', text))),
    group: only(OURS, optional(child('group', text))),
    groupNumber: only(['extended'], optional(child('groupNumber', unsignedInt))),
    // libvirt prints number='0' for a device that has no group yet.
    iommuGroup: printed(optional(child('iommuGroup', iommuGroup)), (group, dialect) =>
      dialect === 'libvirt' ? { number: group?.number ?? 0, addresses: [] } : group,
    ),
    attributes: children('attr', attr),
    params: only(OURS, optional(child('params', text))),
    guestPci: only(OURS, optional(child('capability', guestPci))),
  },
  { repeats: false },
);
