import * as v from 'valibot';
import { optionsOf, type ShapesOf, withArguments } from '../arguments.ts';
import { NodedevError } from '../errors.ts';
import type { MdevCapability, NodeDevice } from '../nodedev/device.ts';
import { nodeDeviceShape } from '../nodedev/shapes.ts';
import { ccwRangeProblem, pciRangeProblem } from './address-range.ts';
import type { GuestAddress, Hostdev, HostdevModel } from './hostdev.ts';
import { noHostdev } from '../policy/hostdev.ts';
import { errorOf } from '../policy/verdict.ts';
import { modelShape, settings } from './hostdev-shape.ts';
import { hostdevModel } from './hostdev-xml.ts';
import * as messages from './messages.ts';

/** The settings of a hostdev besides its device and its model. */
export interface HostdevOptions {
  /** Only for a device whose description has no device API, such as a dump of libvirt. */
  readonly model?: HostdevModel | undefined;
  readonly managed?: boolean | undefined;
  /** Show the vGPU's screen in the VM's graphics; vfio-pci only. */
  readonly display?: boolean | undefined;
  /** A frame buffer for the time before the guest's driver starts; needs `display`. */
  readonly ramfb?: boolean | undefined;
  /** From 1; vfio-ccw, and functions with a type. */
  readonly bootOrder?: number | undefined;
  /** `ua-` and letters, digits, `_`, `-`; libvirt ignores others. */
  readonly alias?: string | undefined;
  /** VFIO through iommufd: in libvirt (12.1) for functions with a type only, in QEMU for mediated devices, too. */
  readonly iommufd?: boolean | undefined;
  /**
   * The files of the device, as `info` tells them: `/dev/vfio/12`, `/dev/vfio/devices/vfio0`. Then a way to open it that it has not is
   * refused. Default: not known.
   */
  readonly deviceNodes?: readonly string[] | undefined;
  /** With `iommufd`: a device that has only the file of its IOMMU group is opened by that instead of being refused. */
  readonly allowGroup?: boolean | undefined;
  /** PCI for vfio-pci, channel subsystem for vfio-ccw, none for vfio-ap; libvirt assigns one when absent. */
  readonly address?: GuestAddress | undefined;
}

const ARGUMENTS = [
  nodeDeviceShape,
  optionsOf({
    model: modelShape,
    ...settings,
    deviceNodes: v.optional(v.array(v.string())),
    allowGroup: v.optional(v.boolean()),
  } satisfies ShapesOf<HostdevOptions>),
];

/**
 * The hostdev that gives a mediated device to a VM. Its model is the device API of the device's type.
 * @throws NodedevError `hostdev-unsupported`: no mediated device, no uuid yet, a device API libvirt has no model
 * for, or options that libvirt or QEMU would refuse; `device-unusable`: it is no device of VFIO, or it is active (has a path)
 * and bound to no driver; `request-invalid`: an argument of another type.
 */
export function hostdevFor(device: NodeDevice, options: HostdevOptions = {}): Hostdev {
  return withArguments('hostdevFor', ARGUMENTS, [device, options], () =>
    madeHostdev(device, options),
  );
}

function madeHostdev(device: NodeDevice, options: HostdevOptions): Hostdev {
  const mdev = device.capabilities.find((capability) => capability.kind === 'mdev');
  const name = device.name ?? 'the device';
  if (mdev?.kind !== 'mdev') {
    throw refusal(
      `${name} is not a mediated device`,
      "Name a device of `list({ capabilities: ['mdev'] })`.",
    );
  }
  if (mdev.uuid === undefined) {
    throw refusal(`${name} has no uuid yet`, 'Create it first, or write its <uuid>.');
  }
  const without = noHostdev({
    uuid: mdev.uuid,
    parent: mdev.parentAddress ?? '',
    deviceApi: mdev.types[0]?.deviceApi,
    isUnbound: device.path !== undefined && device.driver === undefined,
  });
  if (without !== undefined) throw errorOf(without);
  const model = modelOf(name, mdev, options.model);
  const problem = optionProblem(model, options, mdev.function !== undefined);
  if (problem !== undefined) throw refusal(problem.message, problem.hint);
  const { display, ramfb, bootOrder, alias, address } = options;
  const iommufd = openedByIommufd(name, options);
  if (mdev.function !== undefined && options.managed === true) {
    throw refusal(
      `${name} is a function with a type, which it loses when libvirt manages it`,
      "Leave managed out; it is written as 'no'.",
    );
  }
  const managed = mdev.function === undefined ? options.managed : false;
  return {
    uuid: mdev.uuid,
    function: mdev.function,
    model,
    managed,
    display,
    ramfb,
    bootOrder,
    alias,
    address,
    iommufd,
  };
}

/** Whether iommufd opens the device: as asked, if it has the file for it. */
function openedByIommufd(
  name: string,
  { iommufd, deviceNodes = [], allowGroup }: HostdevOptions,
): boolean | undefined {
  const isOwn = (path: string): boolean => path.startsWith('/dev/vfio/devices/');
  if (iommufd === true && deviceNodes.length > 0 && !deviceNodes.some(isOwn)) {
    if (allowGroup === true) return undefined;
    throw refusal(
      `${name} has no file of its own in /dev/vfio/devices, so that iommufd cannot open it`,
      'With the option `allowGroup` the file of its IOMMU group is used. Files of their own need Linux 6.6 with VFIO_DEVICE_CDEV, and a driver that has iommufd.',
    );
  }
  if (iommufd !== true && deviceNodes.length > 0 && deviceNodes.every(isOwn)) {
    throw refusal(
      `${name} has no file of its IOMMU group: only iommufd opens it`,
      "Set the option `iommufd`. libvirt has it for functions with a type only, QEMU's own arguments for mediated devices, too.",
    );
  }
  return iommufd;
}

function modelOf(
  name: string,
  mdev: MdevCapability,
  asked: HostdevModel | undefined,
): HostdevModel {
  const api = mdev.types[0]?.deviceApi;
  if (api === undefined) {
    if (asked !== undefined) return asked;
    throw refusal(
      `the device API of ${name} is not known`,
      'Take the device from its host, or say the model (vfio-pci, vfio-ccw, vfio-ap).',
    );
  }
  const model = hostdevModel(api);
  if (model === undefined) {
    throw refusal(
      `device API '${api}' not supported yet`,
      'libvirt has models for vfio-pci, vfio-ccw and vfio-ap only.',
    );
  }
  if (asked !== undefined && asked !== model) {
    throw refusal(
      `invalid device API '${asked}' for device ${name}: device only supports '${model}'`,
      'Leave the model out; it follows from the type.',
    );
  }
  return model;
}

interface Problem {
  readonly message: string;
  readonly hint: string;
}

/** The first reason why libvirt or QEMU would refuse these options. The validation rules find the same in a file. */
function optionProblem(
  model: HostdevModel,
  options: HostdevOptions,
  isFunction: boolean,
): Problem | undefined {
  const { display, ramfb, bootOrder, alias, address } = options;
  if (model !== 'vfio-pci' && (display !== undefined || ramfb !== undefined)) {
    return {
      message: messages.displayUnsupported(display === undefined ? 'ramfb' : 'display'),
      hint: `A ${model} device has no screen: leave it out.`,
    };
  }
  if (ramfb === true && display !== true) {
    return { message: messages.RAMFB_NEEDS_DISPLAY, hint: 'Set display too.' };
  }
  // Only mediated devices have that rule: a function is a PCI hostdev.
  if (bootOrder !== undefined && model !== 'vfio-ccw' && !isFunction) {
    return { message: messages.bootUnsupported(model), hint: 'Leave the boot order out.' };
  }
  if (bootOrder !== undefined && !(Number.isInteger(bootOrder) && bootOrder > 0)) {
    return { message: messages.BOOT_ORDER_ZERO, hint: 'Boot orders are whole numbers from 1.' };
  }
  if (alias !== undefined && !messages.USER_ALIAS.test(alias)) {
    return {
      message: `libvirt ignores the alias '${alias}'`,
      hint: "Start it with 'ua-', then letters, digits, '_' and '-'.",
    };
  }
  return address && addressProblem(model, address);
}

function addressProblem(model: HostdevModel, address: GuestAddress): Problem | undefined {
  const wanted = { 'vfio-pci': 'pci', 'vfio-ccw': 'ccw', 'vfio-ap': undefined }[model];
  if (address.kind !== wanted) {
    return {
      message: messages.addressTypeUnsupported(address.kind, model),
      hint: wanted === undefined ? 'Leave the address out.' : `Give a ${wanted} address.`,
    };
  }
  const range = address.kind === 'pci' ? pciRangeProblem(address) : ccwRangeProblem(address);
  return range === undefined
    ? undefined
    : { message: range, hint: 'Leave the address out and libvirt finds a free one.' };
}

function refusal(message: string, hint: string): NodedevError {
  return new NodedevError('hostdev-unsupported', message, { hint });
}
