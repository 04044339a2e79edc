/**
 * What libvirt's daemon says when a call about node devices fails, and the releases it was seen in. virsh puts the class of
 * the error before it ("Requested operation is not valid: "). test/libvirt/daemon.oracle.ts asks for them again.
 */
const SENTENCES = {
  unknown: ["no node device with matching name '%s'", '9.0, 12.8'],
  unsupported: ['Unsupported device type', '9.0, 12.8'],
  undefined: ["Node device '%s' is not defined", '9.0, 12.8'],
  notPersistent: ["node device '%s' is not persistent", '12.8'],
  noConfig: ['transient node devices do not have any persistent config', '12.8'],
  noAutostart: ['cannot set autostart for transient device', '9.0, 12.8'],
  active: ['Device is already active', '9.0, 12.8'],
  inactive: ["Device '%s' is not active", '9.0, 12.8'],
  noLiveState: ['node device is not active', '12.8'],
  noParent: ['missing parent device', '9.0, 12.8'],
  parentUnknown: ["invalid parent device '%s'", '9.0, 12.8'],
  inUse: ["Unable to destroy '%s': device in use", '9.0'],
  // libvirt leaves out the second quote of the device in the first of its three, about the uuid.
  mismatch: ["Cannot %s '%s', %s mismatch (current %s '%s')", '12.8'],
} as const satisfies Readonly<Record<string, readonly [sentence: string, seenIn: string]>>;

/** A sentence with its words. */
export function libvirtSays(key: keyof typeof SENTENCES, ...words: readonly string[]): string {
  const left = [...words];
  return SENTENCES[key][0].replaceAll('%s', () => left.shift() ?? '');
}
