import {
  absentAs,
  attribute,
  child,
  children,
  content,
  nested,
  optional,
  printed,
} from '../fields.ts';
import { valued } from '../messages.ts';
import { capability, extensible, recordType } from '../record.ts';
import { hexNumber, oneOf, text } from '../values.ts';
import { offeredTypes } from './mdev-types.ts';

// Limits: VIR_DOMAIN_DEVICE_CCW_MAX_* in libvirt. The device number is hexadecimal even without 0x.
const ccwAddress = {
  cssid: child('cssid', hexNumber(1, 0xfe), valued('cssid')),
  ssid: child('ssid', hexNumber(1, 3), valued('ssid')),
  devno: child('devno', hexNumber(4, 0xffff, 'hexadecimal'), valued('devno')),
};

const state = optional(child('state', oneOf('online', 'offline')));
const apAdapter = child('ap-adapter', hexNumber(2, 0xff), valued('ap-adapter'));

/** `<capability type='ccwgroup_member'>`: the group a ccw device is in. */
export const ccwGroupMember = capability('ccwgroup_member', {
  groupDevice: child('group_device', text),
});

/** `<capability type='ccw'>`: a device on a channel. */
export const ccw = capability('ccw', {
  state,
  ...ccwAddress,
  capabilities: nested(ccwGroupMember),
});

/** `<capability type='css'>`: a subchannel, parent of `vfio-ccw` devices. */
export const css = capability('css', {
  ...ccwAddress,
  channelDeviceAddress: optional(child('channel_dev_addr', extensible(ccwAddress))),
  capabilities: nested(...offeredTypes),
});

const qethLines = {
  cardType: optional(child('card_type', text)),
  chpid: optional(child('chpid', text)),
};

/** `<capability type='qeth_generic'>`: an OSA network card whose layer is not set. */
export const qethGeneric = capability('qeth_generic', qethLines);

/** `<capability type='qeth_layer2'>`. */
export const qethLayer2 = capability('qeth_layer2', qethLines);

/** `<capability type='qeth_layer3'>`. */
export const qethLayer3 = capability('qeth_layer3', qethLines);

const ccwMembers = extensible({
  devices: children('ccw_device', recordType({ ref: attribute('ref', text), name: content(text) })),
});

/** `<capability type='ccwgroup'>`: ccw devices that work as one. */
export const ccwGroup = capability('ccwgroup', {
  state,
  ...ccwAddress,
  // libvirt reads a group without members, and then prints no element.
  members: printed(absentAs({ devices: [], extra: [] }, child('members', ccwMembers)), (members) =>
    members === undefined || members.devices.length + members.extra.length === 0
      ? undefined
      : members,
  ),
  capabilities: nested(qethGeneric, qethLayer2, qethLayer3),
});

/** `<capability type='ap_card'>`: a crypto card. */
export const apCard = capability('ap_card', { adapter: apAdapter });

/** `<capability type='ap_queue'>`: one domain of a crypto card. */
export const apQueue = capability('ap_queue', {
  adapter: apAdapter,
  domain: child('ap-domain', hexNumber(4, 0xff), valued('ap-domain')),
});

/** `<capability type='ap_matrix'>`: parent of `vfio-ap` devices. */
export const apMatrix = capability('ap_matrix', {
  capabilities: nested(...offeredTypes),
});
