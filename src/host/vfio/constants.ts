// The numbers of linux/vfio.h, which vfio-user has as well.

/** VFIO_DEVICE_FLAGS_*. */
export const DEVICE_FLAG = { reset: 0x1, pci: 0x2 } as const;
/** VFIO_PCI_NUM_REGIONS and VFIO_PCI_NUM_IRQS. */
export const PCI_REGIONS = 9;
export const PCI_IRQS = 5;
/** VFIO_PCI_CONFIG_REGION_INDEX. */
export const CONFIG_REGION = 7;
/** VFIO_REGION_INFO_FLAG_*. */
export const REGION_FLAG = { read: 0x1, write: 0x2, mmap: 0x4, caps: 0x8 } as const;
/** VFIO_IRQ_INFO_*. */
export const IRQ_FLAG = { eventfd: 0x1, maskable: 0x2, automasked: 0x4 } as const;
/** VFIO_IRQ_SET_DATA_* and VFIO_IRQ_SET_ACTION_*. */
export const IRQ_SET = {
  none: 0x01,
  bool: 0x02,
  eventfd: 0x04,
  mask: 0x08,
  unmask: 0x10,
  trigger: 0x20,
} as const;
/** VFIO_DMA_MAP_FLAG_READ and _WRITE: what the device may do. */
export const DMA_FLAG = { read: 0x1, write: 0x2 } as const;
/** VFIO_DMA_UNMAP_FLAG_ALL. */
export const UNMAP_ALL = 0x2;
