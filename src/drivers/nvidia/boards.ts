import type { PciCapability } from '../../nodedev/device.ts';
import type { CardType } from '../driver.ts';
import type { Obstacle } from '../host-facts.ts';
import { parseNvidiaTypeName } from './type-name.ts';

/** Boards by the PCI id of their GPU, where it has one board only (https://pci-ids.ucw.cz/read/PC/10de). */
const BOARDS: ReadonlyMap<string, string> = new Map([
  ['0x13bd', 'M10'],
  ['0x13f2', 'M60'],
  ['0x13f3', 'M6'],
  ['0x15f7', 'P100'],
  ['0x15f8', 'P100'],
  ['0x1b38', 'P40'],
  ['0x1bb3', 'P4'],
  ['0x1bb4', 'P6'],
  ['0x1db4', 'V100'],
  ['0x1db6', 'V100'],
  ['0x1eb8', 'T4'],
  ['0x20b5', 'A100'],
  ['0x20b7', 'A30'],
  ['0x20f1', 'A100'],
  ['0x2235', 'A40'],
  ['0x2236', 'A10'],
  ['0x26b5', 'L40'],
  ['0x27b8', 'L4'],
]);

/** The model in the brackets of a name in the PCI ID database: `GP104GL [Tesla P4]`. With `/` it is several. */
const MODEL = /\[(?:Tesla |Quadro |GeForce |NVIDIA )?([^\]/]+)\]/;
/** Letters and number of a board, without what tells memory or form apart: `A100D`, `A100 PCIe 40GB`. */
const BOARD = /^([A-Z]{1,3})[ -]?(\d{1,4})/;

/**
 * Types that belong to another board than the one that offers them, as a P4 with the types of a P40 in the listings of hosts
 * with a changed driver (vgpu_unlock). By the PCI id it is certain, by the name of the PCI ID database likely; a board that
 * neither tells, or a type whose name says none, is passed over.
 */
export function otherBoard(
  { product }: PciCapability,
  types: readonly CardType[],
): Obstacle | undefined {
  const byId = BOARDS.get(product?.id ?? '');
  const board = byId ?? boardIn(MODEL.exec(product?.text ?? '')?.[1]);
  if (board === undefined) return undefined;
  const offered = types.flatMap(
    ({ name }) => boardIn(parseNvidiaTypeName(name ?? '')?.board) ?? [],
  );
  const [other, ...more] = new Set(offered.filter((each) => each !== board));
  if (other === undefined) return undefined;
  const source =
    byId === undefined
      ? `by its name '${product?.text ?? ''}' probably`
      : `by its PCI id ${product?.id ?? ''}`;
  return {
    says: `its types are of board ${[other, ...more].join(', ')}, but it is ${source} a ${board}`,
    next: 'a driver that was changed (vgpu_unlock) offers such types: framebuffer and counts that they promise may not be there',
  };
}

function boardIn(text: string | undefined): string | undefined {
  const [, letters, number] = BOARD.exec(text ?? '') ?? [];
  return letters === undefined || number === undefined ? undefined : letters + number;
}
