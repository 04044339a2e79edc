/**
 * What a mediated device is for: the part of its device API before the `-`. `vfio` (`vfio-pci`): a VM opens it. `virtio` (`virtio-mdev`)
 * and `vhost` are other classes, on which bus drivers match: the series "mdev based hardware virtio offloading support" (2019).
 */
export const deviceClass = (deviceApi: string): string => deviceApi.replace(/-.*$/su, '');
