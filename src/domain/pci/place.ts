import { attributeOf } from '../../xml/element.ts';
import { pciAddressText } from '../address.ts';
import type { Domain, DomainDevice } from '../domain.ts';
import { hexDigits } from '../numbers.ts';
import { NO_BUSES, type NoPlace, type PciBuses } from './buses.ts';
import { type BuiltIn, builtIns, isAt, primaryVideoSlot } from './chipset.ts';
import type { Controller, PciController } from './controllers.ts';
import { pciPlug } from './devices.ts';
import type { PciMachine } from './machine.ts';
import type { Holder, PciProblem } from './problem.ts';
import { type Written, writtenAddresses } from './written.ts';

/**
 * Puts everything that has a place onto the buses: addresses that are written, the machine's own devices, and controllers
 * without address; returns what libvirt would refuse.
 */
export function place(
  machine: PciMachine,
  domain: Domain,
  all: readonly Controller[],
  controllers: readonly PciController[],
  buses: PciBuses<Holder>,
): readonly PciProblem[] {
  const express = machine.root === 'pcie-root';
  const parts = builtIns(machine, domain, all);
  const own = new Set(parts.flatMap(({ device }) => device ?? []));
  const written = writtenAddresses(domain);
  const problems: PciProblem[] = [];
  const add = (device: DomainDevice, refusal: NoPlace<Holder> | undefined): void => {
    if (refusal === undefined) return;
    const { message, taken } = refusal;
    problems.push({
      kind: taken === undefined ? 'unusable' : 'taken',
      device,
      message,
      holder: taken,
    });
  };
  for (const { device, address } of written) {
    if (own.has(device)) continue;
    const { plug, integrated } = pciPlug(device, express);
    add(device, buses.take(address, plug, device, integrated));
  }
  if (buses.count === 0) {
    return [...problems, ...domain.hostdevs.filter(wantsPci).map(noBuses)];
  }
  for (const part of parts) problems.push(...putBuiltIn(part, buses));
  const video = primaryVideoSlot(machine, domain);
  if (video !== undefined && buses.isSlotFree(video.bus, video.slot)) {
    buses.put(video, 'pcie', 'the first <video>');
  }
  problems.push(...placeControllers(controllers, buses));
  const refusal = placeAdded(controllers, buses);
  const farthest = farthestDevice(written, controllers);
  if (farthest !== undefined) add(farthest, refusal);
  return problems;
}

function putBuiltIn(
  { slot, name, device, elsewhere }: BuiltIn,
  buses: PciBuses<Holder>,
): readonly PciProblem[] {
  const holder = buses.holder(slot);
  const message = `Attempted double use of PCI Address ${pciAddressText({ domain: 0, ...slot })}`;
  buses.put(slot, 'pci', device ?? name);
  return [
    ...(typeof holder === 'object'
      ? [{ kind: 'taken', device: holder, message, holder: device ?? name } as const]
      : []),
    ...(device?.address !== undefined && elsewhere !== undefined && !isAt(device, slot)
      ? [{ kind: 'controller', device, message: elsewhere } as const]
      : []),
  ];
}

/** Controllers without address get one before any other device does. */
function placeControllers(
  controllers: readonly PciController[],
  buses: PciBuses<Holder>,
): readonly PciProblem[] {
  const problems: PciProblem[] = [];
  for (const { device, model, index } of controllers) {
    if (model === 'pci-root' || model === 'pcie-root') continue;
    let bus = device.address?.kind === 'pci' ? device.address.bus : undefined;
    if (bus === undefined) {
      const found = buses.next(model);
      if (typeof found === 'string') {
        problems.push({ kind: 'controller', device, message: found });
        continue;
      }
      buses.put(found, model, device);
      ({ bus } = found);
    }
    if (model === 'pci-bridge' && index <= bus) {
      const message = `PCI controller at index ${index} (0x${hexDigits(index, 2)}) has bus='0x${hexDigits(bus, 2)}', but index must be larger than bus`;
      problems.push({ kind: 'controller', device, message });
    }
  }
  return problems;
}

/** The controllers libvirt adds for buses that have none. */
function placeAdded(
  controllers: readonly PciController[],
  buses: PciBuses<Holder>,
): NoPlace<Holder> | undefined {
  const written = new Set(controllers.map(({ index }) => index));
  for (let index = 1; index < buses.count; index++) {
    const model = buses.model(index);
    if (written.has(index) || model === undefined || model === 'pci-root') continue;
    const slot = buses.next(model);
    if (typeof slot === 'string') return { message: slot };
    buses.put(slot, model, `the controller of bus ${index}`);
  }
  return undefined;
}

/** For whose sake most buses are added. */
function farthestDevice(
  written: readonly Written[],
  controllers: readonly PciController[],
): DomainDevice | undefined {
  const wanted = [
    ...written.map(({ device, address }) => ({ device, bus: address.bus })),
    ...controllers.map(({ device, index }) => ({ device, bus: index })),
  ];
  return wanted.toSorted((left, right) => right.bus - left.bus)[0]?.device;
}

function noBuses(device: DomainDevice): PciProblem {
  return { kind: 'unusable', device, message: NO_BUSES };
}

/** Host devices that are PCI devices for the guest and leave the address to libvirt. */
function wantsPci({
  mode,
  type,
  model,
  addressElement,
  address,
}: Domain['hostdevs'][number]): boolean {
  if (mode !== 'subsystem' || address !== undefined) return false;
  const written = addressElement && attributeOf(addressElement, 'type');
  if (written !== undefined && written !== 'pci') return false;
  return type === 'pci' || (type === 'mdev' && (model === undefined || model === 'vfio-pci'));
}
