import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTrustedDriver } from '../../../src/host/simulated/driver-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const isRoot = process.geteuid?.() === 0;
const NOBODY = 65534;

/** `way/host/sim/drivers/my.mjs` in a folder of its own. */
function host(): { readonly top: string; readonly at: (path: string) => string } {
  const top = temporaryFolder();
  const at = (path: string): string => join(top, path);
  mkdirSync(at('way/host/sim/drivers'), { recursive: true, mode: 0o755 });
  writeFileSync(at('way/host/sim/drivers/my.mjs'), 'export const driver = {};\n', { mode: 0o644 });
  for (const path of ['way', 'way/host', 'way/host/sim', 'way/host/sim/drivers']) {
    chmodSync(at(path), 0o755);
  }
  return { top, at };
}

type Host = ReturnType<typeof host>;

const FOLDERS = ['way', 'way/host', 'way/host/sim', 'way/host/sim/drivers'] as const;
const FILE = 'way/host/sim/drivers/my.mjs';

/** Who else could have written the driver, and what is said. */
const UNSAFE: readonly (readonly [name: string, make: (host: Host) => void, says: RegExp])[] = [
  ...[...FOLDERS, FILE].flatMap((path) =>
    [0o020, 0o002].map(
      (bit) =>
        [
          `${path} that mode ${bit.toString(8)} lets write`,
          ({ at }: Host) => chmodSync(at(path), 0o755 | bit),
          new RegExp(`others can write (?:to )?\\S*${path}(?:$|\\n)`, 'u'),
        ] as const,
    ),
  ),
  ...FOLDERS.slice(1).map(
    (path) =>
      [
        `${path} that is sticky and everybody's: what is new there may be anybody's`,
        ({ at }: Host) => chmodSync(at(path), 0o1777),
        new RegExp(`others can write to \\S*${path}$`, 'u'),
      ] as const,
  ),
  [
    'a file with another name, which somebody may have linked here',
    ({ at, top }) => linkSync(at(FILE), join(top, 'other.mjs')),
    /has another name elsewhere$/u,
  ],
  [
    "a link to a file in everybody's folder",
    ({ at, top }) => {
      mkdirSync(join(top, 'open'));
      chmodSync(join(top, 'open'), 0o777);
      renameSync(at(FILE), join(top, 'open/my.mjs'));
      symlinkSync('../../../../open/my.mjs', at(FILE));
    },
    /others can write to \S*open$/u,
  ],
  [
    'a host behind a link that leads through an open folder',
    ({ at, top }) => {
      mkdirSync(join(top, 'open'));
      renameSync(at('way/host'), join(top, 'open/host'));
      chmodSync(join(top, 'open'), 0o777);
      symlinkSync(join(top, 'open/host'), at('way/host'));
    },
    /others can write to \S*open$/u,
  ],
  [
    'a link that leads to itself',
    ({ at }) => {
      rmSync(at(FILE));
      symlinkSync('my.mjs', at(FILE));
    },
    /one link too many$/u,
  ],
  [
    'a folder',
    ({ at }) => {
      rmSync(at(FILE));
      mkdirSync(at(FILE));
      chmodSync(at(FILE), 0o755);
    },
    /is no file$/u,
  ],
];

describe('a driver that somebody else can have written is not run', () => {
  it.each(UNSAFE)('%s', (_name, make, says) => {
    const unsafe = host();
    make(unsafe);
    expect(() => readTrustedDriver(unsafe.at(FILE))).toThrow(
      expect.objectContaining({ code: 'driver-refused', message: expect.stringMatching(says) }),
    );
  });

  it.runIf(isRoot).each([...FOLDERS, FILE])('%s of another user', (path) => {
    const { at } = host();
    chownSync(at(path), NOBODY, NOBODY);
    expect(() => readTrustedDriver(at(FILE))).toThrow(/belongs to user 65534/u);
  });

  it.runIf(isRoot)('what belongs to the caller, or partly to root, is', () => {
    const { at } = host();
    chownSync(at('way/host'), NOBODY, NOBODY);
    expect(readTrustedDriver(at(FILE), NOBODY).length).toBeGreaterThan(0);
    expect(() => readTrustedDriver(at(FILE), NOBODY - 1)).toThrow(/belongs to user 65534/u);
  });

  it.runIf(isRoot)('a link of another user on the way', () => {
    const { at, top } = host();
    symlinkSync(at('way/host'), join(top, 'link'));
    expect(readTrustedDriver(join(top, 'link/sim/drivers/my.mjs')).length).toBeGreaterThan(0);
    rmSync(join(top, 'link'));
    chmodSync(top, 0o1777);
    // lchown is what makes it theirs: where it leads is safe, but they could lead it elsewhere at any time.
    symlinkSync(at('way/host'), join(top, 'link'));
    expect(readTrustedDriver(join(top, 'link/sim/drivers/my.mjs')).length).toBeGreaterThan(0);
    lchownSync(join(top, 'link'), NOBODY, NOBODY);
    expect(() => readTrustedDriver(join(top, 'link/sim/drivers/my.mjs'))).toThrow(
      /link belongs to user 65534/u,
    );
  });

  it('one of root is run for others, one of others is not', () => {
    const { at } = host();
    const mine = process.geteuid?.() ?? 0;
    const read = (): string => readTrustedDriver(at(FILE), mine + 1).toString();
    expect(errorOf(read)).toMatch(mine === 0 ? /^$/u : /belongs to user/u);
  });
});

function errorOf(run: () => unknown): string {
  try {
    run();
    return '';
  } catch (error) {
    return String(error);
  }
}

it('proposes no command with a name that a shell reads otherwise', () => {
  const { at } = host();
  renameSync(at('way'), at('w; reboot'));
  const file = at('w; reboot/host/sim/drivers/my.mjs');
  chmodSync(file, 0o666);
  expect(() => readTrustedDriver(file)).toThrow(
    expect.objectContaining({ hint: expect.not.stringContaining('chmod') }),
  );
  chmodSync(file, 0o644);
  renameSync(at('w; reboot'), at('way'));
  chmodSync(at(FILE), 0o666);
  expect(() => readTrustedDriver(at(FILE))).toThrow(
    expect.objectContaining({ hint: expect.stringContaining(`chmod go-w ${at(FILE)}`) }),
  );
});

it.each([
  ['a sticky folder above the host, as /tmp', ({ at }: Host) => chmodSync(at('way'), 0o1777)],
  ['a folder nobody else can read', ({ at }: Host) => chmodSync(at('way'), 0o700)],
  [
    'a host behind a link of one’s own',
    ({ at, top }: Host) => {
      renameSync(at('way/host'), join(top, 'real'));
      symlinkSync('../real', at('way/host'));
    },
  ],
] as const)('is run: %s', (_name, make) => {
  const safe = host();
  make(safe);
  expect(readTrustedDriver(safe.at(FILE)).toString()).toContain('driver');
});
