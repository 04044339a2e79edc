import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { connect } from '../../../src/index.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const UUID = '5b5b2e4c-7f0b-4c54-9a8e-0c2f6c1d8a01';
const NAME = `mdev_${UUID.replaceAll('-', '_')}_0000_86_00_0`;
const CALLOUTS = 'etc/mdevctl.d/scripts.d/callouts';
const FILE = `etc/mdevctl.d/0000:86:00.0/${UUID}`;

/** A host with this (broken) definition, and perhaps a callout that writes down arguments and input of each call. */
async function hostWith(definition: string | Uint8Array, withScript: boolean) {
  const root = join(temporaryFolder(), 'host');
  makeSimulatedHost(root, 'nvidia-m60');
  mkdirSync(join(root, CALLOUTS), { recursive: true });
  mkdirSync(join(root, FILE, '..'), { recursive: true });
  writeFileSync(join(root, FILE), definition);
  const log = join(root, 'log');
  if (withScript) {
    // By another process: one that this process has open for writing while it forks cannot be run.
    execFileSync('sh', ['-c', 'cat >"$0" && chmod 755 "$0"', join(root, CALLOUTS, 'log.sh')], {
      input: `#!/bin/sh\n[ "$6" = capabilities ] && exit 1\necho "$2 $4 $6 $(cat)" >>${log}\n`,
    });
  }
  const warnings: string[] = [];
  const connection = await connect(`sim://${root}`, {
    report: ({ message }) => warnings.push(message),
  });
  const calls = () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []);
  return { root, connection, warnings, calls };
}

const CUT = '{\n  "mdev_type": "nvidia-18",\n  "start": "auto",\n  "attrs": [';
const KNOWN = '{"mdev_type":"nvidia-18","start":"auto","attrs":[]}';
const EMPTY = `the definition of ${NAME} cannot be read (invalid json: the file is empty)`;

it.each([
  ['an empty file', '', false, [], []],
  [
    'an empty file beside scripts',
    '',
    true,
    [],
    [`${EMPTY}: no script is called for it, since its type is not known`],
  ],
  [
    'a type with a path in it',
    '{"mdev_type":"../x","start":"auto"}',
    true,
    [],
    [expect.stringContaining('no script is called')],
  ],
  ['bytes that are no text', Uint8Array.of(0xff, 0xfe), false, [], []],
  [
    'a file cut in the middle',
    CUT,
    true,
    [`nvidia-18 pre undefine ${KNOWN}`, `nvidia-18 post undefine ${KNOWN}`],
    [expect.stringContaining('scripts are called with what is known of it (type nvidia-18)')],
  ],
])(
  'undefine removes %s, and says what scripts were told',
  async (_, text, scripts, calls, said) => {
    const host = await hostWith(text, scripts);
    await host.connection.undefine(UUID);
    expect(existsSync(join(host.root, FILE))).toBe(false);
    expect(host.calls()).toEqual(calls);
    expect(host.warnings).toEqual(said);
    await host.connection.close();
  },
);

it('an active device tells its type, whatever its definition says', async () => {
  const host = await hostWith('', true);
  writeFileSync(join(host.root, FILE), '{"mdev_type":"nvidia-18","start":"manual","attrs":[]}');
  await host.connection.start(UUID);
  writeFileSync(join(host.root, FILE), '');
  await host.connection.undefine(UUID);
  expect(host.calls().slice(2)).toEqual([
    expect.stringMatching(/^nvidia-18 pre undefine/u),
    expect.stringMatching(/^nvidia-18 post undefine/u),
  ]);
  await host.connection.close();
});
