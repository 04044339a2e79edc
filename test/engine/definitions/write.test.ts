import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NodedevError } from '../../../src/errors.ts';
import type { FileOperations } from '../../../src/engine/store/durable-file.ts';
import {
  type Definition,
  defineFile,
  formatDefinition,
  listDefinitions,
  readDefinition,
  type StoredDefinition,
  undefineFile,
  updateFile,
} from '../../../src/engine/definitions/definitions.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const REF = { parent: 'mtty', uuid: '11111111-1111-4111-8111-111111111111' };
const OLD: Definition = { type: 'mtty-1', autostart: true, attributes: [], extra: { group: 'g' } };
const NEW: Definition = {
  ...OLD,
  type: 'mtty-2',
  attributes: [{ name: 'a', value: 'x'.repeat(9000) }],
};

const folderOf = (root: string): string => join(root, 'etc/mdevctl.d');
const fileOf = (root: string): string => join(folderOf(root), REF.parent, REF.uuid);
const text = (root: string): string => fs.readFileSync(fileOf(root), 'utf8');
const mode = (path: string): string => (fs.statSync(path).mode & 0o7777).toString(8);
const refusal = (code: string): unknown => expect.objectContaining({ name: 'NodedevError', code });

function rootWithOld(): { readonly root: string; readonly stored: StoredDefinition } {
  const root = temporaryFolder();
  defineFile(root, REF, OLD);
  const stored = readDefinition(root, REF);
  expect(stored).toBeDefined();
  return { root, stored: stored ?? raise() };
}

function raise(): never {
  throw new Error('not defined');
}

describe('defineFile', () => {
  it('writes what mdevctl would, readable for all', () => {
    const root = temporaryFolder();
    defineFile(root, REF, NEW);
    expect(text(root)).toBe(formatDefinition(NEW));
    expect(mode(fileOf(root))).toBe('644');
    expect(mode(folderOf(root))).toBe('755');
    expect(mode(join(folderOf(root), REF.parent))).toBe('755');
    expect(fs.readdirSync(folderOf(root))).toEqual([REF.parent]);
    expect(fs.statSync(fileOf(root)).nlink).toBe(1);
  });

  it.each([REF.uuid, REF.uuid.replaceAll('-', '')])(
    'refuses a uuid that is defined, as %s',
    (name) => {
      const { root } = rootWithOld();
      fs.renameSync(fileOf(root), join(folderOf(root), REF.parent, name));
      expect(() => defineFile(root, REF, NEW)).toThrow(refusal('device-defined'));
      expect(listDefinitions(root).items[0]?.definition).toEqual(OLD);
    },
  );

  it('allows the same uuid on another parent', () => {
    const { root } = rootWithOld();
    defineFile(root, { ...REF, parent: 'mdpy' }, NEW);
    expect(listDefinitions(root).items.map(({ parent }) => parent)).toEqual(['mdpy', 'mtty']);
  });

  it.each([
    { ...REF, parent: '../../escape' },
    { ...REF, parent: '/abs' },
    { ...REF, parent: '' },
    { ...REF, parent: '..' },
    { ...REF, parent: 'scripts.d' },
    { ...REF, uuid: '../x' },
    { ...REF, uuid: '' },
  ])('refuses %j and writes nothing', (ref) => {
    const root = temporaryFolder();
    expect(() => defineFile(root, ref, OLD)).toThrow(refusal('definition-invalid'));
    expect(fs.readdirSync(root)).toEqual([]);
  });

  it.each(['etc', 'etc/mdevctl.d', 'etc/mdevctl.d/mtty'])(
    'writes through no planted link at %s',
    (link) => {
      const [root, outside] = [temporaryFolder(), temporaryFolder()];
      fs.mkdirSync(join(root, link, '..'), { recursive: true });
      fs.symlinkSync(outside, join(root, link));
      expect(() => defineFile(root, REF, OLD)).toThrow(refusal('definition-invalid'));
      expect(fs.readdirSync(outside)).toEqual([]);
    },
  );

  it('does not replace a planted link', () => {
    const [root, outside] = [temporaryFolder(), temporaryFolder()];
    fs.mkdirSync(join(folderOf(root), REF.parent), { recursive: true });
    fs.symlinkSync(join(outside, 'target'), fileOf(root));
    expect(() => defineFile(root, REF, OLD)).toThrow(refusal('device-defined'));
    expect(fs.readdirSync(outside)).toEqual([]);
  });
});

describe('updateFile', () => {
  it('replaces what was read', () => {
    const { root, stored } = rootWithOld();
    updateFile(stored, formatDefinition(NEW));
    expect(text(root)).toBe(formatDefinition(NEW));
    expect(mode(fileOf(root))).toBe('644');
    expect(fs.readdirSync(folderOf(root))).toEqual([REF.parent]);
  });

  it('does not overwrite what another program wrote in place', () => {
    const { root, stored } = rootWithOld();
    fs.writeFileSync(fileOf(root), '{"mdev_type":"mtty-9","start":"auto"}');
    expect(() => updateFile(stored, formatDefinition(NEW))).toThrow(refusal('definition-changed'));
    expect(text(root)).toContain('mtty-9');
  });

  it('does not overwrite a new file with the same text', () => {
    const { root, stored } = rootWithOld();
    fs.writeFileSync(`${fileOf(root)}.new`, text(root));
    fs.renameSync(`${fileOf(root)}.new`, fileOf(root));
    expect(() => updateFile(stored, formatDefinition(NEW))).toThrow(refusal('definition-changed'));
  });

  it('does not bring back what was undefined', () => {
    const { root, stored } = rootWithOld();
    undefineFile(root, REF);
    expect(() => updateFile(stored, formatDefinition(NEW))).toThrow(refusal('device-undefined'));
    expect(listDefinitions(root)).toEqual({ items: [], problems: [] });
  });
});

describe('undefineFile', () => {
  it('removes the file and leaves the directory', () => {
    const { root } = rootWithOld();
    undefineFile(root, REF);
    expect(fs.readdirSync(join(folderOf(root), REF.parent))).toEqual([]);
    expect(() => undefineFile(root, REF)).toThrow(refusal('device-undefined'));
  });

  it('removes broken files, links and other spellings', () => {
    const { root } = rootWithOld();
    const other = REF.uuid.replaceAll('1', 'a');
    fs.writeFileSync(fileOf(root), '{');
    undefineFile(root, REF);
    fs.symlinkSync('/etc/hostname', fileOf(root));
    undefineFile(root, REF);
    fs.writeFileSync(join(folderOf(root), REF.parent, other.toUpperCase()), '{}');
    undefineFile(root, { ...REF, uuid: other });
    expect(fs.readdirSync(join(folderOf(root), REF.parent))).toEqual([]);
    expect(fs.existsSync('/etc/hostname')).toBe(true);
  });
});

/** How the n-th call that changes files goes wrong: it alone fails, or the process is dead from there on. */
type Fault = 'fails' | 'kills';

/** Operations with one fault; `called` names the calls so far. */
function faultyOperations(
  fault: Fault,
  at: number,
): { readonly io: FileOperations; readonly called: string[] } {
  const called: string[] = [];
  const io = new Proxy<FileOperations>(fs, {
    get: (target, name) => {
      const operation: unknown = Reflect.get(target, name);
      return (...parameters: unknown[]): unknown => {
        called.push(String(name));
        const broken = fault === 'fails' ? called.length === at : called.length >= at;
        if (broken) throw Object.assign(new Error('injected'), { code: 'ENOSPC' });
        return typeof operation === 'function'
          ? Reflect.apply(operation, target, parameters)
          : undefined;
      };
    },
  });
  return { io, called };
}

/** Runs with the fault at the first, second, … call until all were reached; returns how many there were. */
function forEachFault(
  fault: Fault,
  run: (io: FileOperations, broken: () => string | undefined) => void,
): number {
  for (let at = 1; ; at += 1) {
    const { io, called } = faultyOperations(fault, at);
    run(io, () => called[at - 1]);
    if (called.length < at) return at - 1;
  }
}

/** The error's code, or `done`. */
function outcome(operation: () => void): string {
  try {
    operation();
    return 'done';
  } catch (error) {
    return error instanceof NodedevError ? error.code : String(error);
  }
}

function definitionsOf(root: string): readonly Definition[] {
  const { items, problems } = listDefinitions(root);
  expect(problems).toEqual([]);
  return items.map(({ definition }) => definition);
}

function temporaryFiles(root: string): readonly string[] {
  if (!fs.existsSync(folderOf(root))) return [];
  return fs.readdirSync(folderOf(root)).filter((name) => name.startsWith('.'));
}

describe('a fault at any moment', () => {
  it('of the disk: what is reported as done is there, what is reported as failed as a whole or not at all', () => {
    const count = forEachFault('fails', (io, broken) => {
      const root = temporaryFolder();
      const result = outcome(() => defineFile(root, REF, NEW, io));
      const found = definitionsOf(root);
      expect([
        ['done', [NEW]],
        ['store-failed', []],
        ['store-failed', [NEW]],
      ]).toContainEqual([result, found]);
      expect(temporaryFiles(root)).toHaveLength(broken() === 'unlinkSync' ? 1 : 0);
    });
    expect(count).toBeGreaterThan(15);
  });

  it('of the process: a definition is there as a whole or not at all, and defining can be repeated', () => {
    forEachFault('kills', (io) => {
      const root = temporaryFolder();
      outcome(() => defineFile(root, REF, NEW, io));
      const before = definitionsOf(root);
      expect([[], [NEW]]).toContainEqual(before);
      const again = outcome(() => defineFile(root, REF, NEW));
      expect(again).toBe(before.length === 0 ? 'done' : 'device-defined');
    });
  });

  it.each(['fails', 'kills'] as const)(
    'of an update (%s) leaves the old definition or the new',
    (fault) => {
      const count = forEachFault(fault, (io) => {
        const { root, stored } = rootWithOld();
        outcome(() => updateFile(stored, formatDefinition(NEW), io));
        expect([[OLD], [NEW]]).toContainEqual(definitionsOf(root));
      });
      expect(count).toBeGreaterThan(8);
    },
  );

  it('of an undefine leaves it or removes it', () => {
    forEachFault('kills', (io) => {
      const { root } = rootWithOld();
      outcome(() => undefineFile(root, REF, io));
      expect([[OLD], []]).toContainEqual(definitionsOf(root));
    });
  });
});
