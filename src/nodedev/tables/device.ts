import type { DeviceHost, DevNode, NodeDevice, ParentReference } from '../device.ts';
import {
  attribute,
  capabilities,
  child,
  children,
  content,
  only,
  optional,
  printed,
} from '../fields.ts';
import { recordTypeOf, wrapped } from '../record.ts';
import { oneOf, text, wwn } from '../values.ts';
import { mdev } from './mdev.ts';
import { doubledMdevTypes, mdevTypes } from './mdev-types.ts';
import { drm, net, system, usb, usbDevice, vdpa } from './other.ts';
import { pci } from './pci.ts';
import { apCard, apMatrix, apQueue, ccw, ccwGroup, css } from './s390.ts';
import { scsi, scsiGeneric, scsiHost, scsiTarget, storage } from './scsi.ts';
import { vgpu } from './vgpu.ts';

const devNode = recordTypeOf<DevNode>({
  kind: attribute('type', oneOf('dev', 'link')),
  path: content(text),
});

const parent = recordTypeOf<ParentReference>(
  {
    name: optional(content(text)),
    wwnn: optional(attribute('wwnn', wwn)),
    wwpn: optional(attribute('wwpn', wwn)),
    fabricWwn: optional(attribute('fabric_wwn', wwn)),
  },
  {
    optionalWhenEmpty: true,
    check: ({ wwnn, wwpn }) => {
      if (wwnn !== undefined && wwpn === undefined) {
        return `when providing parent wwnn='${wwnn}', the wwpn must also be provided`;
      }
      return wwpn !== undefined && wwnn === undefined
        ? `when providing parent wwpn='${wwpn}', the wwnn must also be provided`
        : undefined;
    },
  },
);

/** As in a fleet: `schemas/fleet.rng`. */
const host = recordTypeOf<DeviceHost>({
  name: optional(attribute('name', text)),
  labels: children('label', wrapped(content(text))),
});

/** `<device>`: the root of all tables. Order: virNodeDeviceDefFormat in libvirt's src/conf/node_device_conf.c. */
export const device = recordTypeOf<NodeDevice>(
  {
    name: optional(child('name', text)),
    path: optional(child('path', text)),
    // Nodes before links, as libvirt prints them.
    devnodes: printed(children('devnode', devNode), (nodes = []) =>
      nodes.toSorted(
        (first, second) => Number(first.kind === 'link') - Number(second.kind === 'link'),
      ),
    ),
    parent: optional(child('parent', parent)),
    host: only(['extended'], optional(child('host', host))),
    driver: optional(child('driver', wrapped(optional(child('name', text))))),
    capabilities: capabilities(
      system,
      pci,
      usbDevice,
      usb,
      net,
      scsiHost,
      scsiTarget,
      scsi,
      storage,
      scsiGeneric,
      drm,
      mdev,
      doubledMdevTypes,
      mdevTypes,
      ccw,
      css,
      ccwGroup,
      vdpa,
      apCard,
      apQueue,
      apMatrix,
      vgpu,
    ),
  },
  {
    extensible: true,
    check: ({ capabilities: list }, subject) =>
      list.length === 0 ? `no device capabilities for '${subject}'` : undefined,
  },
);
