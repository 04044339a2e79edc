import { descriptionItems } from '../description.ts';
import type { Driver, SourcedItem } from '../driver.ts';
import { listedMaxima } from './board-types.ts';
import { parseNvidiaTypeName } from './type-name.ts';
import { vgpuConfig } from './vgpu-config.ts';

/** Framebuffer in MiB by the name; 0 in a name means 512 MiB. Undefined: the name has an unknown form. */
function sizeOf(name = ''): number | undefined {
  const parsed = parseNvidiaTypeName(name);
  return parsed && (parsed.size === 0 ? 512 : parsed.size * 1024);
}

/**
 * What the kernel does not say of a type. The order of trust: vgpuConfig.xml, NVIDIA's documentation, the name. By the name
 * the most vGPUs are how often the size fits into the largest type of the board, which may be too many; of a MIG-backed type the name says no
 * number.
 */
export const lackingItems: NonNullable<Driver['lacking']> = (type, all, listed) => {
  const [size, parsed] = [sizeOf(type.name), parseNvidiaTypeName(type.name ?? '')];
  const found: SourcedItem[] = (listed?.items ?? []).map((item) => ({
    ...item,
    source: vgpuConfig.name,
  }));
  const maxima = parsed && listedMaxima(parsed.shortName);
  const add = (name: string, value: string | number | undefined, source: string): void => {
    if (value !== undefined) found.push({ name, value: String(value), source });
  };
  add('framebuffer', size && `${size}M`, 'name');
  add('max_instance', maxima?.equal, 'table');
  if (size !== undefined && parsed?.slices === undefined) {
    const whole = Math.max(...all.map(({ name }) => sizeOf(name) ?? 0));
    add('max_instance', Math.floor(whole / size), 'name');
  }
  add('max_instance_mixed', maxima?.mixed, 'table');
  const names = new Set(descriptionItems(type.description).map(({ name }) => name));
  return found.filter(({ name }) => {
    const isNew = !names.has(name);
    names.add(name);
    return isNew;
  });
};
