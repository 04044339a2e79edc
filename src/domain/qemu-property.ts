/** QEMU's properties of a device: name → value, as QEMU's command line has them (`on`, `4`, `0x10de`). */
export type QemuProperties = Readonly<Record<string, string>>;

/** A property in the form of `<qemu:property>`. */
export interface OverriddenProperty {
  readonly name: string;
  readonly type: 'bool' | 'unsigned' | 'signed' | 'string';
  readonly value: string;
}

/** on/off properties with a third value: for QEMU's JSON they are strings. (QEMU hw/vfio/pci.c: DEFINE_PROP_ON_OFF_AUTO) */
const THREE_VALUED: ReadonlySet<string> = new Set([
  'display',
  'enable-migration',
  'x-device-dirty-page-tracking',
  'x-migration-multifd-transfer',
  'x-msix-relocation',
  'x-pre-copy-dirty-page-tracking',
]);

/** The type and value of `NAME=VALUE` for JSON. Numbers are decimal there. */
export function overriddenProperty(name: string, value: string): OverriddenProperty {
  if ((value === 'on' || value === 'off') && !THREE_VALUED.has(name)) {
    return { name, type: 'bool', value: String(value === 'on') };
  }
  if (/^(?:\d{1,15}|0x[\da-f]{1,12})$/iu.test(value)) {
    return { name, type: 'unsigned', value: String(Number(value)) };
  }
  return /^-\d{1,15}$/u.test(value)
    ? { name, type: 'signed', value }
    : { name, type: 'string', value };
}
