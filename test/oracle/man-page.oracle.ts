import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { isInstalled } from './programs.ts';

const PAGE = 'man/virt-nodedev.1';

/** The page has no date: it would have to change with every build. */
const withoutDate = (finding: string): boolean => !finding.includes('missing date');

it.each(
  [
    ['groff', ['-k', '-man', '-ww', '-z', PAGE]] as const,
    ['mandoc', ['-T', 'lint', '-W', 'warning', PAGE]] as const,
  ].filter(([program]) => isInstalled(program, program)),
)('%s finds nothing wrong with the man page', (program, args) => {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  const findings = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
  expect(findings.filter(withoutDate)).toEqual([]);
});
