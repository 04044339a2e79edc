import { expect, it } from 'vitest';
import { lockLimit, VmAccounts } from '../../../src/engine/attach/vm-accounts.ts';

const limits = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax locked memory         ${soft.padEnd(21)}unlimited            bytes     \nMax file locks            7                    unlimited            locks     \n`;
const status = (capabilities: string): string =>
  `Name:\tqemu\nCapPrm:\t000001ffffffffff\nCapEff:\t${capabilities}\n`;

it.each<[soft: string, capabilities: string, pages: number]>([
  ['8388608', '0000000000000000', 2048],
  ['4095', '0000000000000000', 0],
  ['unlimited', '0000000000000000', Infinity],
  ['8388608', '0000000000004000', Infinity],
  ['8388608', '000001ffffffbfff', 2048],
])(
  'a process with a limit of %s and the capabilities %s may lock %d pages',
  (soft, capabilities, pages) => {
    expect(lockLimit(limits(soft), status(capabilities))).toBe(pages);
  },
);

it('knows no process without a limit', () => {
  expect(lockLimit('', '')).toBe(0);
});

it('has one account for all devices of a process, until it has closed the last one', () => {
  const accounts = new VmAccounts();
  const first = accounts.open(process.pid);
  expect(accounts.open(process.pid)).toBe(first);
  expect(accounts.open(process.ppid)).not.toBe(first);
  accounts.close(process.pid);
  expect(accounts.open(process.pid)).toBe(first);
  accounts.close(process.pid);
  accounts.close(process.pid);
  expect(accounts.open(process.pid)).not.toBe(first);
});
