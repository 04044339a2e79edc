import type { Capability, PciExpress } from '../../nodedev/device.ts';

// The configuration space of a PCI device (PCI Local Bus Specification 3.0, chapter 6; PCI Express Base Specification,
// 7.8): the kernel's file `config`. Who is not root sees its first 64 bytes only.

/** Offsets, and the kinds of a header. */
export const PCI_CONFIG = {
  status: 0x06,
  hasCapabilities: 0x10,
  headerType: 0x0e,
  bridge: 1,
  cardbus: 2,
  firstCapability: 0x34,
  express: 0x10,
  /** Relative to the PCI Express capability. */
  linkCapabilities: 0x0c,
  linkStatus: 0x12,
} as const;

/** A link's speeds in GT/s by their numbers there. */
export const LINK_SPEEDS: readonly string[] = ['', '2.5', '5', '8', '16', '32', '64'];

/** The port types that have no link: integrated endpoints and event collectors of a root complex. */
const WITHOUT_LINK: ReadonlySet<number> = new Set([0x9, 0xa]);

/** Which bridge a device is, by its header; undefined: none. */
export function bridgeOf(config: DataView): Capability | undefined {
  if (config.byteLength <= PCI_CONFIG.headerType) return undefined;
  const type = config.getUint8(PCI_CONFIG.headerType) & 0x7f;
  if (type === PCI_CONFIG.bridge) return { kind: 'pci-bridge', extra: [] };
  return type === PCI_CONFIG.cardbus ? { kind: 'cardbus-bridge', extra: [] } : undefined;
}

/** Its PCI Express link; undefined: it has no such capability. */
export function pciExpressOf(config: DataView): PciExpress | undefined {
  const at = capabilityAt(config, PCI_CONFIG.express);
  if (at === undefined || at + PCI_CONFIG.linkStatus + 2 > config.byteLength) return undefined;
  if (WITHOUT_LINK.has((config.getUint8(at + 2) >> 4) & 0xf)) return { extra: [] };
  const able = config.getUint32(at + PCI_CONFIG.linkCapabilities, true);
  const now = config.getUint16(at + PCI_CONFIG.linkStatus, true);
  return {
    capability: { port: able >>> 24, ...speedAndWidth(able) },
    status: speedAndWidth(now),
    extra: [],
  };
}

function speedAndWidth(word: number): { readonly speed?: string; readonly width: number } {
  const speed = LINK_SPEEDS[word & 0xf] || undefined;
  return { ...(speed === undefined ? {} : { speed }), width: (word >>> 4) & 0x3f };
}

/** The offset of a capability in the list of them. A list that leads in circles ends. */
function capabilityAt(config: DataView, id: number): number | undefined {
  if (config.byteLength < 0x40) return undefined;
  if ((config.getUint8(PCI_CONFIG.status) & PCI_CONFIG.hasCapabilities) === 0) return undefined;
  let at = config.getUint8(PCI_CONFIG.firstCapability) & 0xfc;
  for (let left = 48; left > 0 && at >= 0x40 && at + 2 <= config.byteLength; left -= 1) {
    if (config.getUint8(at) === id) return at;
    at = config.getUint8(at + 1) & 0xfc;
  }
  return undefined;
}
