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
