/** libvirt's names of what a node device can be (src/conf/node_device_conf.c: virNodeDevCap). */
export const CAPABILITY_NAMES = [
  'system',
  'pci',
  'usb_device',
  'usb',
  'net',
  'scsi_host',
  'scsi_target',
  'scsi',
  'storage',
  'fc_host',
  'vports',
  'scsi_generic',
  'drm',
  'mdev_types',
  'mdev',
  'ccw',
  'css',
  'vdpa',
  'ap_card',
  'ap_queue',
  'ap_matrix',
  'vpd',
  'ccwgroup',
  'ccwgroup_member',
] as const;

export type CapabilityName = (typeof CAPABILITY_NAMES)[number];
