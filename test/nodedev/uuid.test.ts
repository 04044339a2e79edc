import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseUuid } from '../../src/nodedev/uuid.ts';

const CANONICAL = '0695d332-7831-493f-9e71-1c85c8911a08';

it.each([
  ['canonical', CANONICAL],
  ['upper case', CANONICAL.toUpperCase()],
  ['without hyphens', CANONICAL.replaceAll('-', '')],
  ['outer white space', `\n  ${CANONICAL}\t`],
  ['spaces instead of hyphens', CANONICAL.replaceAll('-', ' ')],
  ['hyphens elsewhere', '06-95d3327831493f9e711c85c8911a-08'],
  ['several hyphens', '--0695d332--7831493f9e711c85c8911a08'],
])('accepts %s', (_, written) => {
  expect(parseUuid(written)).toBe(CANONICAL);
});

it('accepts the nil uuid', () => {
  expect(parseUuid('0'.repeat(32))).toBe('00000000-0000-0000-0000-000000000000');
});

it.each([
  ['nothing', ''],
  ['a digit too few', CANONICAL.slice(0, -1)],
  ['a pair too many', `${CANONICAL}00`],
  ['a hyphen at the end', `${CANONICAL}-`],
  ['a hyphen inside a pair', '0-695d3327831493f9e711c85c8911a08'],
  ['a letter past f', CANONICAL.replace('a', 'g')],
  ['a full-width digit', CANONICAL.replace('0', '\uff10')],
  ['braces', `{${CANONICAL}}`],
])('refuses %s', (_, written) => {
  expect(parseUuid(written)).toBeUndefined();
});

it('accepts every uuid in every case and leaves it as it is', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.boolean(), (uuid, isUpper) => {
      expect(parseUuid(isUpper ? uuid.toUpperCase() : uuid)).toBe(uuid);
    }),
  );
});
