import type { BoardIds, Driver, ListedType } from '../../drivers/driver.ts';
import { drivers } from '../../drivers/registry.ts';
import { NodedevError } from '../../errors.ts';
import type { XmlElement } from '../../xml/element.ts';
import type { readXml } from '../../xml/read.ts';
import type { UnreadFile } from '../diagnosis.ts';
import { HostError } from '../host.ts';
import { resolveLink, type Tree } from '../tree.ts';
import { readIfAny, readLinkIfAny } from './values.ts';

const NONE: ReadonlyMap<string, ListedType> = new Map();

/**
 * The types of boards in files that a host's programs have (`Driver.typeFile`). They are XML: the library is loaded only
 * where there is such a file, and a file is read when a board is first looked for. A file that cannot be read is not used, and says why.
 */
export class ListedTypes {
  readonly #tree: Tree;
  #readXml: typeof readXml | undefined;
  readonly #files = new Map<string, XmlElement | UnreadFile>();
  readonly #boards = new Map<string, ReadonlyMap<string, ListedType>>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** Whether there is such a file. Until this has been called, none is used. */
  async prepare(): Promise<boolean> {
    const isThere = drivers.some(
      ({ typeFile }) => typeFile !== undefined && this.#tree.kind(typeFile.path) !== undefined,
    );
    if (isThere) this.#readXml = (await import('../../xml/read.ts')).readXml;
    return isThere;
  }

  /** The types of the board that a PCI function at this path is on, by id. */
  of(driver: Driver | undefined, path: string): ReadonlyMap<string, ListedType> {
    const file = driver?.typeFile;
    if (file === undefined || this.#readXml === undefined) return NONE;
    const physical = readLinkIfAny(this.#tree, `${path}/physfn`);
    const ids = this.#idsAt(physical === undefined ? path : resolveLink(path, physical));
    const key = `${file.path} ${ids?.device} ${ids?.subsystem}`;
    const known = this.#boards.get(key);
    if (known !== undefined) return known;
    const root = this.#rootOf(file.path);
    const listed =
      root === undefined || 'says' in root || ids === undefined ? [] : file.typesOf(root, ids);
    const types = new Map(listed.map((type) => [type.id, type]));
    this.#boards.set(key, types);
    return types;
  }

  /** The files that are there and cannot be read. */
  problems(): readonly UnreadFile[] {
    return drivers.flatMap(({ typeFile }) => {
      const root = typeFile && this.#rootOf(typeFile.path);
      return root !== undefined && 'says' in root ? [root] : [];
    });
  }

  #rootOf(path: string): XmlElement | UnreadFile | undefined {
    const read = this.#readXml;
    if (read === undefined || this.#tree.kind(path) === undefined) return undefined;
    const known = this.#files.get(path) ?? this.#read(read, path);
    this.#files.set(path, known);
    return known;
  }

  #read(read: typeof readXml, path: string): XmlElement | UnreadFile {
    try {
      return read(this.#tree.bytes(path), { name: path, file: path, passDoctype: true }).root;
    } catch (cause) {
      const isKnown = cause instanceof NodedevError || cause instanceof HostError;
      if (isKnown) return { path, says: cause.message };
      throw cause;
    }
  }

  #idsAt(path: string): BoardIds | undefined {
    const device = readIfAny(this.#tree, `${path}/device`);
    const subsystem = readIfAny(this.#tree, `${path}/subsystem_device`);
    return device === undefined ? undefined : { device, subsystem };
  }
}
