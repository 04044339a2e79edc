import { expect, it } from 'vitest';
import type { GroupInfo } from '../../src/index.ts';
import { fakeManager } from './fake-manager.ts';
import { run } from './run.ts';

/** What an ordinary user is told of a group: only root may see who has a device open. */
const GROUP: GroupInfo = { name: 'vm', number: 1, members: [], open: undefined };

const group = (told: GroupInfo, ...words: string[]) =>
  run(['group', ...words], {
    connect: fakeManager({
      group: () => Promise.resolve(told),
      groups: () => Promise.resolve([told]),
    }),
  });

it('says that it is not known whether a group is open', async () => {
  const { stdout } = await group(GROUP, 'show', 'vm');
  expect(stdout.split('\n').slice(0, 4)).toEqual([
    'Name:           vm',
    'Number:         1',
    'Owner:          unknown',
    'Open:           unknown: only root may see who has a device open',
  ]);
  expect((await group(GROUP, 'list')).stdout).toContain(
    ' 1        vm     0         unknown   unknown\n',
  );
});

it('knows the owner of a claimed group all the same', async () => {
  const claimed = { ...GROUP, owner: { name: 'vm1', by: 'claim' as const } };
  expect((await group(claimed, 'show', 'vm')).stdout).toContain('Owner:          vm1 (claimed)\n');
  expect((await group(claimed, 'list')).stdout).toContain(' vm1     unknown\n');
});
