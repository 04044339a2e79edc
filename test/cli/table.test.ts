import { assert, constantFrom, array, integer, property, string, tuple } from 'fast-check';
import { expect, it } from 'vitest';
import { formatTable } from '../../src/cli/table.ts';

// What `virsh -c test:///default net-list --all` of virsh 9.0.0 prints.
it("has virsh's layout", () => {
  expect(
    formatTable(['Name', 'State', 'Autostart', 'Persistent'], [['default', 'active', 'no', 'yes']]),
  ).toBe(
    [
      ' Name      State    Autostart   Persistent',
      '--------------------------------------------',
      ' default   active   no          yes',
      '',
    ].join('\n'),
  );
});

it('has headings without rows', () => {
  expect(formatTable(['Name'], [])).toBe(' Name\n-------\n');
});

const room = (columns: number) => ({ columns, mark: '…' });

it.each([
  ['a name in its middle', 'pci_0000_86_00_0', 12, 'pci_0…6_00_0'],
  ['a list by whole parts', '2 heads, 45 fps, 512 MiB, 2560x1600', 20, '2 heads, 45 fps, …'],
  ['a sentence by words', 'what is wrong with this domain', 20, 'what is wrong with …'],
  ['characters of two columns', '図面図面図面図面図面', 11, '図面…面図面'],
])('shortens %s', (_, text, columns, expected) => {
  const [, , row] = formatTable(['N'], [[text]], room(columns + 1)).split('\n');
  expect(row).toBe(` ${expected}`);
});

it('fits into a terminal with all numbers whole, and is as ever where there is room', () => {
  const row = tuple(
    string({ unit: constantFrom('a', '_', '7', '-'), minLength: 1, maxLength: 60 }),
    integer({ min: 0, max: 10 ** 12 }),
    constantFrom('yes', 'no'),
  );
  assert(
    property(
      array(row, { minLength: 1, maxLength: 5 }),
      integer({ min: 40, max: 90 }),
      (rows, columns) => {
        const cells = rows.map((each) => each.map(String));
        const full = formatTable(['Name', 'Free', 'Active'], cells);
        const fitted = formatTable(['Name', 'Free', 'Active'], cells, room(columns));
        const widest = Math.max(...fitted.split('\n').map((line) => line.length));
        expect(widest).toBeLessThanOrEqual(columns);
        for (const [at, [, number]] of rows.entries()) {
          expect(fitted.split('\n')[at + 2]).toContain(` ${number} `);
        }
        const fits = full.split('\n').every((line) => line.length <= columns);
        expect(fitted === full).toBe(fits);
      },
    ),
  );
});
