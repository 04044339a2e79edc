import type { ListedDevice } from '../engine/listed-device.ts';

/** libvirt's name of the root of all devices. */
const COMPUTER = 'computer';

/**
 * Devices below their parents, in virsh's layout (tools/vsh-util of virsh: blank lines carry the lines of the
 * levels above). A device whose parent is not listed, such as a GPU below a bridge, is put below the computer, or at the
 * top when that is not listed either, so that none is left out.
 */
export function formatTree(devices: readonly ListedDevice[]): string {
  const names = new Set(devices.map(({ name }) => name));
  const computer = names.has(COMPUTER) ? COMPUTER : undefined;
  const children = new Map<string | undefined, string[]>();
  for (const { name, parent } of devices) {
    const nearest = parent !== undefined && names.has(parent) ? parent : computer;
    const above = name === COMPUTER ? undefined : nearest;
    children.set(above, [...(children.get(above) ?? []), name]);
  }
  const lines: string[] = [];
  const below = (name: string, indent: string): void => {
    const own = children.get(name) ?? [];
    if (own.length > 0) lines.push(`${indent}  |`);
    for (const [index, child] of own.entries()) {
      const isLast = index === own.length - 1;
      lines.push(`${indent}  +- ${child}`);
      below(child, `${indent}  ${isLast ? ' ' : '|'} `);
      if (isLast && !children.has(child)) lines.push(`${indent}    `);
    }
  };
  for (const root of children.get(undefined) ?? []) {
    lines.push(root);
    below(root, '');
    if (!children.has(root)) lines.push('');
  }
  return lines.map((line) => `${line}\n`).join('');
}
