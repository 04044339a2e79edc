import * as fc from 'fast-check';
import { join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import {
  isAttributeName,
  isParentName,
  isTypeName,
  uuidOfFileName,
} from '../../../src/engine/definitions/names.ts';

const UUID = '1f3e0c9a-62f5-4b5e-9f7b-0a1b2c3d4e5f';

it.each(['0000:86:00.0', '0.0.0052', 'matrix', 'mtty', 'usb1-1.2', '...', '-'])(
  '%s is a parent',
  (name) => {
    expect(isParentName(name)).toBe(true);
  },
);

it.each([
  '',
  '.',
  '..',
  '../../escape',
  '/abs',
  'a/b',
  'a\0',
  'a\n',
  'ä',
  ' mtty',
  'x'.repeat(256),
])('%j is no parent', (name) => {
  expect(isParentName(name)).toBe(false);
});

it.each(['assign_adapter', 'nvidia/vgpu_params', '__proto__', '...', 'a b'])(
  '%s is an attribute',
  (name) => {
    expect(isAttributeName(name)).toBe(true);
  },
);

it.each([
  '',
  '/etc/passwd',
  '../remove',
  'a/../../b',
  'a/./b',
  'a//b',
  'a/',
  '.',
  '..',
  'a\0',
  'a\nb',
  'a\rb',
])('%j is no attribute', (name) => {
  expect(isAttributeName(name)).toBe(false);
});

it('no accepted name leaves its directory', () => {
  const names = fc
    .array(fc.constantFrom('/', '.', '..', 'a', '\\', '%2e'), { maxLength: 6 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(names, (name) => {
      const accepted = [isParentName, isTypeName, isAttributeName].some((accepts) => accepts(name));
      expect(!accepted || normalize(join('/device', name)).startsWith('/device/')).toBe(true);
    }),
  );
});

it.each([
  [UUID, UUID],
  [UUID.toUpperCase(), UUID],
  [UUID.replaceAll('-', ''), UUID],
  [`{${UUID}}`, UUID],
  [`urn:uuid:${UUID}`, UUID],
  [UUID.replaceAll('-', ''), UUID],
  [`{${UUID.replaceAll('-', '')}}`, undefined],
  [`URN:UUID:${UUID}`, undefined],
  [`urn:uuid:{${UUID}}`, undefined],
  [`{${UUID}`, undefined],
  [`${UUID}~`, undefined],
  [`.${UUID}.swp`, undefined],
  [`${UUID}\n`, undefined],
  ['README', undefined],
])('the file name %j means %s', (name, uuid) => {
  expect(uuidOfFileName(name)).toBe(uuid);
});
