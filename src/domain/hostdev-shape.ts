import * as v from 'valibot';
import { flag, optionalText, optionsOf, type ShapesOf } from '../arguments.ts';
import type { RemoveOptions } from './edit-options.ts';

// What the functions about hostdevs take, for programs without types.

const number = v.optional(v.number());

export const modelShape = v.optional(v.picklist(['vfio-pci', 'vfio-ccw', 'vfio-ap']));

const pciAddress = {
  domain: v.number(),
  bus: v.number(),
  slot: v.number(),
  function: v.number(),
};

export const functionShape = v.optional(v.object(pciAddress));

export const addressShape = v.optional(
  v.variant('kind', [
    v.object({
      kind: v.literal('pci'),
      ...pciAddress,
      multifunction: flag,
      zpci: v.optional(v.object({ uid: number, fid: number })),
    }),
    v.object({ kind: v.literal('ccw'), cssid: v.number(), ssid: v.number(), devno: v.number() }),
  ]),
);

/** Of `HostdevSettings`, and of what `hostdevFor` takes. */
export const settings = {
  managed: flag,
  display: flag,
  ramfb: flag,
  bootOrder: number,
  alias: optionalText,
  address: addressShape,
  iommufd: flag,
};

export const hostdevShape = v.object({
  uuid: v.string(),
  function: functionShape,
  model: modelShape,
  ...settings,
  loadparm: optionalText,
  acpiIndex: number,
  extra: v.optional(v.array(v.object({ kind: v.literal('element'), name: v.string() }))),
});

export const pciHostdevShape = v.object({
  host: v.object(pciAddress),
  ...settings,
  loadparm: optionalText,
  acpiIndex: number,
});

export const propertiesShape = v.optional(v.record(v.string(), v.string()));

/** How `removeHostdev` and `replaceHostdev` find devices. */
export const removeOptions = optionsOf({
  file: optionalText,
  functions: v.optional(v.record(v.string(), v.string())),
} satisfies ShapesOf<RemoveOptions>);

/** How a domain begins. */
export const domainShape = v.looseObject({
  devices: v.array(v.looseObject({})),
  hostdevs: v.array(v.looseObject({})),
  mdevs: v.array(v.looseObject({})),
});
