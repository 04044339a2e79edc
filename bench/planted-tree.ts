import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PARENTS = 16;
const TYPE = 'mdev_supported_types/nvidia-18';

/** The uuid of a planted device by its number. */
export const plantedUuid = (index: number): string =>
  `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

/** Lays out the part of sysfs a listing reads, as the kernel does (drivers/vfio/mdev/mdev_sysfs.c). */
export function plantDevices(root: string, count: number): void {
  const bus = join(root, 'sys/bus/mdev/devices');
  const parents = join(root, 'sys/class/mdev_bus');
  const home = join(root, 'sys/devices/pci0000:00');
  const driver = join(root, 'sys/bus/mdev/drivers/nvidia');
  // Without these, mdevctl says it is not installed well.
  const scripts = join(root, 'usr/lib/mdevctl/scripts.d');
  const wanted = [
    join(root, 'etc/mdevctl.d'),
    join(root, 'dev/vfio'),
    `${scripts}/callouts`,
    `${scripts}/notifiers`,
  ];
  for (const folder of [bus, parents, home, driver, ...wanted])
    mkdirSync(folder, { recursive: true });
  for (let index = 0; index < PARENTS; index++) {
    const address = addressOf(index);
    const type = join(home, address, TYPE);
    mkdirSync(join(type, 'devices'), { recursive: true });
    for (const [name, text] of [
      ['available_instances', '4'],
      ['device_api', 'vfio-pci'],
      ['name', 'GRID M60-2Q'],
      ['create', ''],
    ] as const) {
      writeFileSync(join(type, name), `${text}\n`);
    }
    symlinkSync(`../../devices/pci0000:00/${address}`, join(parents, address));
  }
  for (let index = 0; index < count; index++) {
    const uuid = plantedUuid(index);
    const address = addressOf(index % PARENTS);
    const device = join(home, address, uuid);
    mkdirSync(device);
    symlinkSync('../mdev_supported_types/nvidia-18', join(device, 'mdev_type'));
    symlinkSync('../../../../bus/mdev/drivers/nvidia', join(device, 'driver'));
    symlinkSync(`../../../../kernel/iommu_groups/${index}`, join(device, 'iommu_group'));
    writeFileSync(join(root, `dev/vfio/${index}`), '');
    symlinkSync(`../../../${uuid}`, join(home, address, TYPE, 'devices', uuid));
    symlinkSync(`../../../devices/pci0000:00/${address}/${uuid}`, join(bus, uuid));
    symlinkSync(`../../../../devices/pci0000:00/${address}/${uuid}`, join(driver, uuid));
  }
}

const addressOf = (index: number): string =>
  `0000:${(index + 1).toString(16).padStart(2, '0')}:00.0`;
