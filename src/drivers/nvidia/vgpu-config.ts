import type { NamedValue } from '../../nodedev/device.ts';
import { attributeOf, childElements, textOf, type XmlElement } from '../../xml/element.ts';
import type { BoardIds, ListedType, TypeFile } from '../driver.ts';

const NVIDIA = 0x10de;
const MIB = 1024 * 1024;
/** A type's name. */
const NAME = /^[\x20-\x7E]{1,100}$/;

/** A number as the file writes it, `0x1A000000` or `16`; undefined for anything else. */
function numberIn(text: string | undefined): number | undefined {
  const written = text?.trim() ?? '';
  const number = Number(written);
  return /^(?:0[xX][0-9A-Fa-f]{1,13}|\d{1,15})$/.test(written) && Number.isSafeInteger(number)
    ? number
    : undefined;
}

const numberAt = (element: XmlElement, name: string): number | undefined => {
  const [child] = childElements(element, name);
  return child && numberIn(textOf(child));
};

/** Bytes as in a description: `512M`. */
const memory = (bytes: number): string =>
  bytes % MIB === 0 ? `${bytes / MIB}M` : `${Math.floor(bytes / 1024)}K`;

/** The subsystem's id when a `<devId>` is that of this board; 0 stands for any. */
function subsystemIn(element: XmlElement, device: number | undefined): number | undefined {
  const ids = childElements(element, 'devId').map((each) => ({
    vendor: numberIn(attributeOf(each, 'vendorId')),
    device: numberIn(attributeOf(each, 'deviceId')),
    subsystem: numberIn(attributeOf(each, 'subsystemId')),
  }));
  const own = ids.find((id) => id.device === device && (id.vendor ?? NVIDIA) === NVIDIA);
  return own && (own.subsystem ?? 0);
}

/** The `<pgpu>` of a board: that of its own subsystem, else one for any. */
function gpuOf(root: XmlElement, { device, subsystem }: BoardIds): XmlElement | undefined {
  const [id, own] = [numberIn(device), numberIn(subsystem)];
  const fitting = childElements(root, 'pgpu').map((gpu) => ({ gpu, of: subsystemIn(gpu, id) }));
  const found =
    fitting.find(({ of }) => of !== undefined && of !== 0 && of === own) ??
    fitting.find(({ of }) => of === 0);
  return found?.gpu;
}

/**
 * What a `<vgpuType>` says. `profileSize` is the size that its name has and that counts on the GPU, `framebuffer` what of it
 * the guest gets, `fbReservation` the rest.
 */
function itemsOf(type: XmlElement, most: number | undefined): readonly NamedValue[] {
  const [guest, reserved] = [numberAt(type, 'framebuffer'), numberAt(type, 'fbReservation')];
  const sum = guest === undefined || reserved === undefined ? undefined : guest + reserved;
  const size = numberAt(type, 'profileSize') ?? sum;
  const [display] = childElements(type, 'display');
  const [width, height] = ['width', 'height'].map((side) =>
    numberIn(display && attributeOf(display, side)),
  );
  const values: readonly (readonly [string, number | string | undefined])[] = [
    ['num_heads', numberAt(type, 'numHeads')],
    ['frl_config', numberAt(type, 'frlConfig')],
    ['framebuffer', size === undefined ? undefined : memory(size)],
    ['guest_framebuffer', guest === undefined ? undefined : memory(guest)],
    [
      'max_resolution',
      width === undefined || height === undefined ? undefined : `${width}x${height}`,
    ],
    ['max_instance', most],
    ['class', /^[\w .-]{1,40}$/.exec(attributeOf(type, 'class') ?? '')?.[0]],
  ];
  return values.flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value: String(value) }],
  );
}

function typesOf(root: XmlElement, board: BoardIds): readonly ListedType[] {
  const gpu = gpuOf(root, board);
  if (gpu === undefined) return [];
  const most = new Map(
    childElements(gpu, 'supportedVgpu').map((each) => [
      numberIn(attributeOf(each, 'vgpuId')),
      numberAt(each, 'maxVgpus'),
    ]),
  );
  return childElements(root, 'vgpuType').flatMap((type) => {
    const number = numberIn(attributeOf(type, 'id'));
    const name = attributeOf(type, 'name')?.trim() ?? '';
    if (number === undefined || number === 0 || !NAME.test(name) || !most.has(number)) return [];
    return [{ id: `nvidia-${number}`, name, items: itemsOf(type, most.get(number)) }];
  });
}

/**
 * The types of the vGPU manager, which installs this file. Its elements are those that XenServer's xapi reads since 2016
 * (ocaml/xapi/xapi_vgpu_type.ml) and that tools which rewrite it write; some of those put a DOCTYPE with an external id before it.
 * `maxVgpus` is the number in equal-size mode; none of the known elements has the one of mixed-size mode.
 */
export const vgpuConfig: TypeFile = {
  path: '/usr/share/nvidia/vgpu/vgpuConfig.xml',
  name: 'vgpuConfig.xml',
  typesOf,
};
