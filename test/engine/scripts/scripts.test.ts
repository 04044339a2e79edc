import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Issue, NodedevError } from '../../../src/errors.ts';
import {
  attributesFromScripts,
  modifyLive,
  type ScriptSubject,
  withScripts,
} from '../../../src/engine/scripts/scripts.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const UUID = '11111111-1111-4111-8111-111111111111';
const CALLOUTS = 'usr/lib/mdevctl/scripts.d/callouts';
const NOTIFIERS = 'usr/lib/mdevctl/scripts.d/notifiers';
const OLD_CALLOUTS = 'etc/mdevctl.d/scripts.d/callouts';
const CONFIG = '{"mdev_type":"t-1","start":"auto","attrs":[{"a":"1"},{"a":"2"}]}';

/** Writes down each call as `NAME ARGUMENTS < INPUT` in the root's `log`. */
const LOG = 'echo "$(basename "$0") $* < $(cat)" >>"$LOG"\n';
/** What a script of version 1 does with a question it does not know. */
const VERSION_1 = '[ "$6" = capabilities ] && exit 1\n';
const supports = (actions: readonly string[], events: readonly string[]): string =>
  `if [ "$6" = capabilities ]; then echo '${JSON.stringify({ supports: { version: 2, actions, events } })}'; exit 0; fi\n`;

interface World extends ScriptSubject {
  /** The calls so far, without get/capabilities. */
  readonly log: () => readonly string[];
  readonly issues: readonly Issue[];
}

/** A root with these scripts: path below the root → shell text. */
function worldWith(scripts: Readonly<Record<string, string>>, limitMs?: number): World {
  const root = temporaryFolder();
  const logFile = join(root, 'log');
  for (const [name, text] of Object.entries(scripts)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    // By another process: one that this process has open for writing while it forks cannot be run.
    execFileSync('sh', ['-c', 'cat >"$0" && chmod 755 "$0"', path], {
      input: `#!/bin/sh\nLOG=${logFile}\n${text}`,
    });
  }
  const issues: Issue[] = [];
  return {
    root,
    ref: { parent: 'p', uuid: UUID },
    definition: {
      type: 't-1',
      autostart: true,
      attributes: ['1', '2'].map((value) => ({ name: 'a', value })),
      extra: { ours: true },
    },
    report: (issue) => issues.push(issue),
    limitMs,
    issues,
    log: () => {
      if (!existsSync(logFile)) return [];
      const lines = readFileSync(logFile, 'utf8').split('\n');
      return lines.filter((line) => line !== '' && !line.includes('capabilities'));
    },
  };
}

const called = (name: string, call: string, input = CONFIG): string => {
  const [event, action, state] = call.split(' ');
  return `${name} -t t-1 -e ${event} -a ${action} -s ${state} -u ${UUID} -p p < ${input}`;
};

/** Awaits the refusal and gives what it says: `CODE MESSAGE`. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => 'none',
    (reason: unknown) => reason,
  );
  return error instanceof NodedevError ? `${error.code} ${error.message}` : String(error);
}

function isRunning(pid: string | undefined): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('withScripts', () => {
  it('just runs the operation where no scripts are', async () => {
    const world = worldWith({});
    expect(await withScripts(world, 'define', () => 5)).toBe(5);
    expect(world.issues).toEqual([]);
  });

  it('calls the responsible callout before and after, then all notifiers', async () => {
    const world = worldWith({
      [`${CALLOUTS}/10-other.sh`]: `${LOG}exit 2`,
      [`${CALLOUTS}/20-mine.sh`]: VERSION_1 + LOG,
      [`${CALLOUTS}/30-late.sh`]: LOG,
      [`${NOTIFIERS}/b.sh`]: LOG,
      [`${NOTIFIERS}/a.sh`]: LOG,
    });
    const during = await withScripts(world, 'start', () => world.log());
    expect(during).toEqual([
      called('10-other.sh', 'pre start none'),
      called('20-mine.sh', 'pre start none'),
    ]);
    expect(world.log().slice(2)).toEqual([
      called('20-mine.sh', 'post start success'),
      called('a.sh', 'notify start success', ''),
      called('b.sh', 'notify start success', ''),
    ]);
  });

  it('asks the deprecated place after the usual one', async () => {
    const world = worldWith({
      [`${OLD_CALLOUTS}/a.sh`]: LOG,
      [`${CALLOUTS}/b.sh`]: `${LOG}exit 2`,
    });
    await withScripts(world, 'stop', () => {});
    expect(world.log().map((line) => line.slice(0, 4))).toEqual(['b.sh', 'a.sh', 'a.sh']);
  });

  it('does nothing when a callout refuses, and calls the notifiers', async () => {
    const world = worldWith({
      [`${CALLOUTS}/no.sh`]: `${LOG}echo "adapter 5 is taken" >&2; exit 1`,
      [`${NOTIFIERS}/n.sh`]: LOG,
    });
    let ran = false;
    const refused = withScripts(world, 'define', () => (ran = true));
    await expect(refused).rejects.toThrow(expect.objectContaining({ hint: 'adapter 5 is taken' }));
    expect(await refusal(refused)).toMatch(/^script-failed .*no.sh: failed with status 1$/);
    expect(ran).toBe(false);
    expect(world.log()).toEqual([
      called('no.sh', 'pre define none'),
      called('n.sh', 'notify define none', ''),
    ]);
  });

  it('goes on where a callout refuses that may not, and says so', async () => {
    const world = worldWith({
      [`${CALLOUTS}/no.sh`]: `${LOG}[ $4 = post ]`,
      [`${NOTIFIERS}/n.sh`]: LOG,
    });
    expect(await withScripts({ ...world, overrule: true }, 'define', () => 5)).toBe(5);
    expect(world.issues).toMatchObject([
      { code: 'script-failed', severity: 'warning', message: expect.stringContaining('status 1') },
    ]);
    expect(world.log().slice(1)).toEqual([
      called('no.sh', 'post define success'),
      called('n.sh', 'notify define success', ''),
    ]);
  });

  it('goes on where a callout does not end, or is not safe to run, and none may refuse', async () => {
    const world = worldWith({ [`${CALLOUTS}/slow.sh`]: 'sleep 60' }, 100);
    expect(await withScripts({ ...world, overrule: true }, 'define', () => 5)).toBe(5);
    const unsafe = worldWith({ [`${CALLOUTS}/any.sh`]: LOG });
    chmodSync(join(unsafe.root, CALLOUTS, 'any.sh'), 0o777);
    expect(await withScripts({ ...unsafe, overrule: true }, 'define', () => 5)).toBe(5);
    expect(unsafe.log()).toEqual([]);
  });

  it("reports the operation's failure and keeps its error", async () => {
    const world = worldWith({
      [`${CALLOUTS}/c.sh`]: `${LOG}[ $4 = pre ]`,
      [`${NOTIFIERS}/n.sh`]: `${LOG}exit 3`,
    });
    const failing = withScripts(world, 'start', () =>
      Promise.reject(new NodedevError('in-use', 'held')),
    );
    await expect(failing).rejects.toThrow('held');
    expect(world.log().slice(1)).toEqual([
      called('c.sh', 'post start failure'),
      called('n.sh', 'notify start failure', ''),
    ]);
    expect(world.issues.map(({ message }) => message.split(': ')[1])).toEqual([
      'failed with status 1',
      'failed with status 3',
    ]);
  });

  it('passes on what a callout says', async () => {
    const world = worldWith({ [`${CALLOUTS}/c.sh`]: 'echo careful >&2' });
    await withScripts(world, 'undefine', () => {});
    expect(world.issues[0]).toEqual({
      code: 'script-output',
      severity: 'warning',
      message: 'c.sh: careful',
    });
  });

  it('lets a script of version 2 be responsible for all it lists', async () => {
    const world = worldWith({
      [`${CALLOUTS}/1.sh`]: `${VERSION_1}${LOG}`,
      [`${CALLOUTS}/2.sh`]: supports(['start'], ['pre', 'post']) + LOG,
    });
    await withScripts(world, 'start', () => {});
    expect(world.log()).toEqual([
      called('2.sh', 'pre start none'),
      called('2.sh', 'post start success'),
    ]);
  });

  it.each([
    [supports(['stop'], ['pre', 'post']), /^script-failed .*does not support action 'start'$/],
    [supports(['start'], ['post']), /^script-failed .*does not support event 'pre'$/],
  ])('is blocked by a script of version 2 that does not list it: %s', async (script, message) => {
    const world = worldWith({ [`${CALLOUTS}/2.sh`]: script + LOG });
    expect(await refusal(withScripts(world, 'start', () => {}))).toMatch(message);
    expect(world.log()).toEqual([]);
  });

  it('ends a script that takes too long, with all it started', async () => {
    const world = worldWith(
      { [`${CALLOUTS}/slow.sh`]: `sleep 60 & echo $! >"$LOG"\nsleep 60` },
      300,
    );
    expect(await refusal(withScripts(world, 'start', () => {}))).toMatch(
      /^script-failed .*did not end within 0.3 s$/,
    );
    expect(world.log()[0]).toMatch(/^\d+$/);
    await vi.waitFor(() => expect(isRunning(world.log()[0])).toBe(false));
  });

  it('waits for no daemon a script starts', async () => {
    const world = worldWith({ [`${NOTIFIERS}/n.sh`]: 'sleep 50 &' });
    const before = performance.now();
    await withScripts(world, 'start', () => {});
    expect(performance.now() - before).toBeLessThan(40_000);
    expect(world.issues).toEqual([]);
  });

  it.each([
    ['kill -9 $$', 'ended by SIGKILL'],
    ['exec 0<&-; exit 0', undefined],
    ['cat /dev/stdin; echo x >/dev/stdout; echo y >/dev/stderr', undefined],
  ])('handles `%s`', async (script, message) => {
    const world = worldWith({ [`${NOTIFIERS}/n.sh`]: script });
    await withScripts(world, 'start', () => {});
    expect(world.issues[0]?.message.replace(/.*: was /, '')).toBe(message);
  });

  it('reports a script whose interpreter is missing', async () => {
    const world = worldWith({ [`${CALLOUTS}/c.sh`]: '' });
    execFileSync('sed', ['-i', '1s/.*/#!\\/no\\/such/', join(world.root, CALLOUTS, 'c.sh')]);
    expect(await refusal(withScripts(world, 'start', () => {}))).toMatch(
      /^script-failed .*cannot be run: ENOENT$/,
    );
  });

  it('runs nothing that others than root can write', async () => {
    const callout = worldWith({ [`${CALLOUTS}/c.sh`]: LOG });
    chmodSync(join(callout.root, CALLOUTS, 'c.sh'), 0o777);
    expect(await refusal(withScripts(callout, 'start', () => {}))).toMatch(
      /^script-failed .*is not run/,
    );
    expect(callout.log()).toEqual([]);

    const notifier = worldWith({ [`${NOTIFIERS}/n.sh`]: LOG });
    chmodSync(join(notifier.root, NOTIFIERS), 0o775);
    await withScripts(notifier, 'start', () => {});
    expect(notifier.log()).toEqual([]);
    expect(notifier.issues[0]).toMatchObject({ code: 'script-failed', severity: 'warning' });
  });

  it('runs nothing outside the root', async () => {
    const outside = worldWith({ [`${CALLOUTS}/c.sh`]: LOG });
    const world = worldWith({});
    symlinkSync(join(outside.root, 'usr'), join(world.root, 'usr'));
    await expect(withScripts(world, 'start', () => {})).rejects.toThrow('leads out of');
    expect(outside.log()).toEqual([]);
  });

  it('passes over files that are not executable', async () => {
    const world = worldWith({ [`${CALLOUTS}/README`]: LOG });
    chmodSync(join(world.root, CALLOUTS, 'README'), 0o644);
    await withScripts(world, 'start', () => {});
    expect(world.log()).toEqual([]);
  });
});

describe('attributesFromScripts', () => {
  it.each([
    [
      `echo '[{"assign_adapter":"5"},{"assign_adapter":"6"}]'`,
      [
        ['assign_adapter', '5'],
        ['assign_adapter', '6'],
      ],
    ],
    [String.raw`printf '[{"a":"b"}]\0'`, [['a', 'b']]],
    [`printf '[{}]'`, []],
    ['exit 0', undefined],
    ['exit 2', undefined],
  ])('reads what `%s` prints', async (script, attributes) => {
    const world = worldWith({ [`${CALLOUTS}/c.sh`]: VERSION_1 + LOG + script });
    const found = await attributesFromScripts(world);
    expect(found?.map(({ name, value }) => [name, value])).toEqual(attributes);
    expect(world.log()).toEqual([called('c.sh', 'get attributes none', '')]);
  });

  it.each([
    ['exit 1', 'script-failed'],
    ['echo nonsense', 'definition-invalid'],
    [`echo '{"a":"b"}'`, 'definition-invalid'],
    [`echo '[{"../x":"b"}]'`, 'definition-invalid'],
  ])('refuses `%s`', async (script, code) => {
    const world = worldWith({ [`${CALLOUTS}/c.sh`]: VERSION_1 + script });
    await expect(attributesFromScripts(world)).rejects.toThrow(expect.objectContaining({ code }));
  });
});

describe('modifyLive', () => {
  it('lets a script of version 2 change the device', async () => {
    const world = worldWith({
      [`${CALLOUTS}/c.sh`]: supports(['modify'], ['live']) + LOG,
      [`${NOTIFIERS}/n.sh`]: LOG,
    });
    await modifyLive(world);
    expect(world.log()).toEqual([
      called('c.sh', 'live modify none'),
      called('n.sh', 'notify modify none', ''),
    ]);
  });

  it.each([
    [VERSION_1 + LOG, /^script-failed Live modification is not supported/],
    [supports(['modify'], ['pre']) + LOG, /^script-failed .*does not support event 'live'$/],
    [`${supports(['modify'], ['live'])}exit 4`, /^script-failed .*failed with status 4$/],
  ])('fails without one that can: %s', async (script, message) => {
    const world = worldWith({ [`${CALLOUTS}/c.sh`]: script });
    expect(await refusal(modifyLive(world))).toMatch(message);
    expect(world.log()).toEqual([]);
  });
});
