import { absentAs, child, nested, optional, printed } from '../fields.ts';
import { supplied } from '../messages.ts';
import { capability } from '../record.ts';
import { bit, int, text, unsignedInt, unsignedLong, wwn } from '../values.ts';

/** `<capability type='fc_host'>`: a fibre channel host; a missing name is generated when one is created. */
export const fcHost = capability(
  'fc_host',
  {
    wwnn: optional(child('wwnn', wwn)),
    wwpn: optional(child('wwpn', wwn)),
    fabricWwn: optional(child('fabric_wwn', wwn)),
  },
  { expanded: true, repeats: true },
);

// libvirt does not read the two numbers, so it always prints 0, and a capability without them is no mistake.
const vportCount = (name: string) =>
  printed(absentAs(0, child(name, unsignedInt)), (count, dialect) =>
    dialect === 'libvirt' ? 0 : count,
  );

/** `<capability type='vport_ops'>`: the host can have virtual ports. */
export const vportOps = capability(
  'vport_ops',
  { maxVports: vportCount('max_vports'), vports: vportCount('vports') },
  { repeats: true },
);

/** `<capability type='scsi_host'>`; the number is the kernel's and missing in a request to create a virtual one. */
export const scsiHost = capability('scsi_host', {
  host: optional(child('host', unsignedInt, supplied('SCSI host ID'))),
  uniqueId: optional(
    child('unique_id', int, {
      invalid: (subject) => `invalid unique_id supplied for '${subject}'`,
    }),
  ),
  capabilities: nested(fcHost, vportOps),
});

/** `<capability type='fc_remote_port'>`. */
export const fcRemotePort = capability('fc_remote_port', {
  rport: child('rport', text, { missing: (subject) => `missing rport name for '${subject}'` }),
  wwpn: child('wwpn', wwn, { missing: (subject) => `missing wwpn identifier for '${subject}'` }),
});

/** `<capability type='scsi_target'>`. */
export const scsiTarget = capability('scsi_target', {
  target: child('target', text, supplied('target name')),
  capabilities: nested(fcRemotePort),
});

/** `<capability type='scsi'>`: a SCSI device. */
export const scsi = capability('scsi', {
  host: child('host', unsignedInt, supplied('SCSI host ID')),
  bus: child('bus', unsignedInt, supplied('SCSI bus ID')),
  target: child('target', unsignedInt, supplied('SCSI target ID')),
  lun: child('lun', unsignedInt, supplied('SCSI LUN ID')),
  type: optional(child('type', text)),
});

/** `<capability type='scsi_generic'>`. libvirt prints it but cannot read it. */
export const scsiGeneric = capability('scsi_generic', { char: child('char', text) });

const blockLines = {
  /** In bytes. */
  logicalBlockSize: optional(child('logical_block_size', unsignedLong)),
  numBlocks: optional(child('num_blocks', unsignedLong)),
};

/** `<capability type='removable'>`: storage whose medium can be taken out. */
export const removable = capability('removable', {
  mediaAvailable: child('media_available', bit),
  /** In bytes. */
  mediaSize: child('media_size', unsignedLong, supplied('removable media size')),
  mediaLabel: optional(child('media_label', text)),
  ...blockLines,
});

/** `<capability type='hotpluggable'/>`. */
export const hotpluggable = capability('hotpluggable', {});

/** `<capability type='storage'>`: a block device. */
export const storage = capability(
  'storage',
  {
    block: child('block', text, supplied('block device path')),
    bus: optional(child('bus', text)),
    driveType: optional(child('drive_type', text)),
    model: optional(child('model', text)),
    vendor: optional(child('vendor', text)),
    serial: optional(child('serial', text)),
    /** In bytes; removable storage has its medium's instead. */
    size: optional(child('size', unsignedLong, supplied('size'))),
    ...blockLines,
    capabilities: nested(removable, hotpluggable),
  },
  { check: checkSize },
);

/** The size is an element of the storage or, for removable storage, of the medium. */
function checkSize(value: StorageSize, subject: string): string | undefined {
  return value.size === undefined && !value.capabilities.some(({ kind }) => kind === 'removable')
    ? supplied('size').missing(subject)
    : undefined;
}

interface StorageSize {
  readonly size?: bigint | undefined;
  readonly capabilities: readonly { readonly kind: string }[];
}
