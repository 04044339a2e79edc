import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NodedevError } from '../../src/errors.ts';
import { loadSchemaFile } from '../../src/relaxng/schema-file.ts';
import { readXml } from '../../src/xml/read.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { rng } from './rng.ts';

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'sub'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), rng(text));
  return folder;
}

function refusal(path: string): NodedevError {
  try {
    loadSchemaFile(path);
  } catch (error) {
    if (error instanceof NodedevError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

test('what a file includes is looked for beside it, wherever it is itself', () => {
  const folder = folderOf({
    'main.rng': '<grammar><include href="sub/middle.rng"/><start><ref name="b"/></start></grammar>',
    'sub/middle.rng': '<grammar><include href="with%20space.rng"/></grammar>',
    'sub/with space.rng':
      '<grammar><define name="b"><externalRef href="../b.rng"/></define></grammar>',
    'b.rng': '<element name="b"><empty/></element>',
  });
  const schema = loadSchemaFile(join(folder, 'main.rng'));
  expect(schema.matches(readXml('<b/>').root)).toBe(true);
  expect(schema.matches(readXml('<c/>').root)).toBe(false);
});

test('a mistake in an included file has that file’s name', () => {
  const folder = folderOf({
    'main.rng': '<grammar><include href="sub/x.rng"/></grammar>',
    'sub/x.rng': '<grammar>\n<start><foo/></start></grammar>',
  });
  const { code, message, location } = refusal(join(folder, 'main.rng'));
  expect([code, message]).toEqual(['schema-invalid', '<foo> is no pattern of RELAX NG']);
  expect(location).toMatchObject({ file: join(folder, 'sub/x.rng'), line: 2, column: 8 });
});

test('a missing file says so, and where it is named', () => {
  const folder = folderOf({ 'main.rng': '<grammar>\n<include href="x.rng"/></grammar>' });
  const included = refusal(join(folder, 'main.rng'));
  expect(included.message).toMatch(/^'x\.rng' cannot be loaded: ENOENT/u);
  expect(included.location).toMatchObject({ line: 2, column: 1 });
  const itself = refusal(join(folder, 'none.rng'));
  expect([itself.code, itself.message]).toEqual([
    'schema-invalid',
    expect.stringMatching(/none\.rng' cannot be read: ENOENT/u),
  ]);
});

test.each(['http://example.org/x.rng', 'file:///etc/passwd', 'urn:x'])(
  '%s is not loaded',
  (href) => {
    const folder = folderOf({ 'main.rng': `<grammar><include href="${href}"/></grammar>` });
    expect(refusal(join(folder, 'main.rng')).message).toBe(
      `'${href}' cannot be loaded: only files are loaded, no addresses`,
    );
  },
);
