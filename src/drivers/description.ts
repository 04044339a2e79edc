import type { NamedValue } from '../nodedev/device.ts';

const ITEM = /^([A-Za-z_][\w.-]*)\s*[=:]\s*(\S.*)$/;
const RESOLUTION = /^(\d{1,6})x(\d{1,6})$/;
const MEMORY = /^(\d{1,9})\s*([KMG])i?B?$/i;
const KIB_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['K', 1],
  ['M', 1024],
  ['G', 1024 * 1024],
]);

const piecesOf = (description = ''): readonly string[] =>
  description.split(/[,\n]/).map((piece) => piece.trim());

/** What is prose in a kernel description: the pieces that are no {@link descriptionItems}. */
export function descriptionProse(description: string | undefined): string {
  return piecesOf(description)
    .filter((piece) => piece !== '' && !ITEM.test(piece))
    .join(', ');
}

/**
 * The `key=value` and `key: value` items of a kernel description, separated by commas or line breaks, as written.
 * Anything else in the text is prose and left out.
 */
export function descriptionItems(description: string | undefined): readonly NamedValue[] {
  return piecesOf(description).flatMap((piece) => {
    const [, name, value] = ITEM.exec(piece) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value }];
  });
}

/** Memory as the kernel's drivers write it (`512M`, `128MB`, `4 MB`) in KiB. */
export function memoryKib(text: string): number | undefined {
  const [, amount, unit] = MEMORY.exec(text) ?? [];
  const scale = KIB_PER_UNIT.get(unit?.toUpperCase() ?? '');
  return amount === undefined || scale === undefined ? undefined : Number(amount) * scale;
}

/** `2560x1600` as `hres` and `vres`; undefined for anything else. */
export function resolutionItems(text: string): readonly NamedValue[] | undefined {
  const [, hres, vres] = RESOLUTION.exec(text) ?? [];
  if (hres === undefined || vres === undefined) return undefined;
  return [
    { name: 'hres', value: hres },
    { name: 'vres', value: vres },
  ];
}

/** A memory item in KiB; unchanged when it is no amount of memory. */
export function memoryItem(item: NamedValue): NamedValue {
  return { name: item.name, value: String(memoryKib(item.value) ?? item.value) };
}

/** An attribute as a whole number; undefined when it is absent or no whole number. */
export function numberAmong(items: readonly NamedValue[], name: string): number | undefined {
  const value = items.find((item) => item.name === name)?.value;
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
