import { attributeOf, childElements, type XmlElement } from '../../xml/element.ts';
import { pciAddressText } from '../address.ts';
import type { Domain, DomainDevice } from '../domain.ts';
import type { PciSlot } from './buses.ts';
import type { Controller } from './controllers.ts';
import type { PciMachine } from './machine.ts';

/** A device that is part of the machine, or has its place there. */
export interface BuiltIn {
  readonly slot: PciSlot;
  /** What it is, for a hint. */
  readonly name: string;
  /** The controller in the domain that stands for it: it may say this address, and no other. */
  readonly device?: DomainDevice | undefined;
  /** libvirt's sentence when that one says another address. */
  readonly elsewhere?: string | undefined;
}

/**
 * What holds addresses of bus 0 on a q35 or i440fx machine. On an i440fx the IDE and the USB controller are only there
 * when the domain has them or needs them. (libvirt 9.0 to 12.8 src/qemu/qemu_domain_address.c:
 * qemuDomainValidateDevicePCISlotsQ35, …PIIX3)
 */
export function builtIns(
  { chipset }: PciMachine,
  domain: Domain,
  controllers: readonly Controller[],
): readonly BuiltIn[] {
  const first = (type: string) =>
    controllers.find((controller) => controller.type === type && controller.index === 0)?.device;
  if (chipset === 'q35') {
    return [
      {
        slot: at(0x1f, 2),
        name: "the machine's SATA controller",
        device: first('sata'),
        elsewhere: 'Primary SATA controller must have PCI address 0:0:1f.2',
      },
      { slot: at(0x1f, 0), name: "the machine's ISA bridge" },
      { slot: at(0x1f, 3), name: "the machine's SMBus" },
    ];
  }
  if (chipset !== 'i440fx') return [];
  const ide = first('ide');
  const usb = first('usb');
  return [
    ...(ide === undefined && !domain.devices.some(isIdeDisk)
      ? []
      : [
          {
            slot: at(1, 1),
            name: "the machine's IDE controller",
            device: ide,
            elsewhere: 'Primary IDE controller must have PCI address 0:0:1.1',
          },
        ]),
    ...((usb === undefined ? hasUsb(controllers) : !isPiixUsb(usb.element))
      ? []
      : [
          {
            slot: at(1, 2),
            name: "the machine's USB controller",
            device: usb,
            elsewhere: 'PIIX3 USB controller at index 0 must have PCI address 0:0:1.2',
          },
        ]),
    { slot: at(1, 0), name: "the machine's ISA bridge" },
    { slot: at(1, 3), name: "the machine's ACPI controller" },
  ];
}

/** Where the first `<video>` goes when the place is free; QEMU itself puts its VGA device there. */
export function primaryVideoSlot({ chipset }: PciMachine, domain: Domain): PciSlot | undefined {
  const video = domain.devices.find(({ kind }) => kind === 'video');
  const graphics = domain.devices.some(({ kind }) => kind === 'graphics');
  const model = video && childElements(video.element, 'model')[0];
  const type = model && attributeOf(model, 'type');
  const isPci = video === undefined ? graphics : type !== 'none' && type !== 'ramfb';
  if (chipset === undefined || !isPci || video?.address !== undefined) return undefined;
  return at(chipset === 'q35' ? 1 : 2, 0);
}

export function isAt(device: DomainDevice, slot: PciSlot): boolean {
  const { address } = device;
  return (
    address?.kind === 'pci' && pciAddressText(address) === pciAddressText({ domain: 0, ...slot })
  );
}

function at(slot: number, fn: number): PciSlot {
  return { bus: 0, slot, function: fn };
}

function hasUsb(controllers: readonly Controller[]): boolean {
  return controllers.some(({ type }) => type === 'usb');
}

function isPiixUsb(usb: XmlElement): boolean {
  const model = attributeOf(usb, 'model');
  return model === undefined || model === 'piix3-uhci';
}

/** By its bus, or by what its target is called when it says none. */
function isIdeDisk({ kind, element }: DomainDevice): boolean {
  const target = childElements(element, 'target')[0];
  if (kind !== 'disk' || target === undefined) return false;
  const bus = attributeOf(target, 'bus');
  return bus === undefined ? (attributeOf(target, 'dev') ?? '').startsWith('hd') : bus === 'ide';
}
