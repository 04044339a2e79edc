import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { connect, NodedevError } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { run, type RunOptions, type RunResult } from './run.ts';

/** What Unicode calls a control or format character or a separator of lines, and half a surrogate pair. */
const COMMANDING = /[\p{Cc}\p{Cf}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u;
const ALL = Array.from({ length: 0x11_0000 }, (_, code) => code)
  .map((code) => String.fromCodePoint(code))
  .filter((character) => COMMANDING.test(character));
const FORGED = 'error: forged';
/** All of them, and behind each that ends a line somewhere, a line of somebody else's. */
const HOSTILE =
  ALL.join('x') +
  ['\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029', '\r\n', '\u001b[1A']
    .map((end) => `${end}${FORGED}`)
    .join('');
/** The same as far as XML and file names can hold it. */
const IN_XML = Array.from(HOSTILE)
  .filter((each) => !/\p{Cs}/u.test(each) && (each >= ' ' || '\t\n\r'.includes(each)))
  .join('');
const IN_NAME = '\u001b]0;a\u0007\nerror: forged\u009b1m\u202e\u2028';

const VGPU = '0695d332-7831-493f-9e71-1c85c8911a08';
const escaped = (text: string): string =>
  text.replace(/[<>&'"\p{Cc}]/gu, (character) => `&#${character.codePointAt(0)};`);

/** Words that choose between cases; everything else a host says may be anything. */
const FIXED = new Set([
  'kind',
  'action',
  'change',
  'reason',
  'by',
  'confidence',
  'policy',
  'state',
  'source',
  'uri',
  'severity',
]);

/** The same answer with something hostile at the end of every text in it. */
function hostile(value: unknown, key = ''): unknown {
  if (value instanceof NodedevError) return hostileError(value);
  if (typeof value === 'string') return FIXED.has(key) ? value : value + HOSTILE;
  if (Array.isArray(value)) return value.map((each) => hostile(each, key));
  if (typeof value !== 'object' || value === null || Symbol.asyncIterator in value) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, hostile(each, name)]),
  );
}

function hostileError(error: NodedevError): NodedevError {
  const issue = { code: error.code, message: HOSTILE, severity: 'warning' as const, hint: HOSTILE };
  const location = { file: HOSTILE, line: 1, column: 1 };
  return new NodedevError(error.code, error.message + HOSTILE, {
    hint: HOSTILE,
    location,
    issues: [{ ...issue, location }],
  });
}

let folder: string;

beforeEach(async () => {
  folder = temporaryFolder({ inMemory: true });
  for (const name of [
    'vgpu.xml',
    'vgpu-8q.xml',
    'vgpu-second.xml',
    'domains/workstation.xml',
    'desired',
  ]) {
    cpSync(join('samples', name), join(folder, name), { recursive: true });
  }
  makeSimulatedHost(join(folder, 'host'), 'nvidia-m60');
  await command('-q create vgpu.xml');
  await command('-q define vgpu-second.xml');
});

const command = (line: string | readonly string[], options: RunOptions = {}): Promise<RunResult> =>
  run(typeof line === 'string' ? line.split(' ') : line, {
    connect,
    env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
    cwd: folder,
    ...options,
  });

/** A host that says and refuses what it says with everything hostile in it. */
const hostileHost: RunOptions = {
  connect: async (uri, options) => {
    const manager = await connect(uri, options);
    options.report?.({ code: 'in-use', message: HOSTILE, severity: 'warning', hint: HOSTILE });
    return new Proxy(manager, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        // The last two return XML, whose line ends are its own.
        if (typeof method !== 'function' || ['close', 'dumpxml', 'capture'].includes(String(name)))
          return method;
        return async (...args: unknown[]): Promise<unknown> => {
          try {
            return hostile(await Reflect.apply(method, target, args));
          } catch (error) {
            throw error instanceof NodedevError ? hostileError(error) : error;
          }
        };
      },
    });
  },
};

/** Lines that command a terminal, or are not ours. */
function harmIn({ stdout, stderr }: RunResult): readonly string[] {
  const lines = (stdout + stderr).split('\n');
  return lines.filter((line) => COMMANDING.test(line) || line.startsWith(FORGED));
}

const LINES = [
  'list --all',
  'list --tree',
  `info ${VGPU}`,
  'group list',
  'group show group1',
  'group claim group1 vm1',
  'group release group1',
  'types',
  'explain nvidia-18',
  'place 2xnvidia-18',
  'place 99xnvidia-18',
  'predict nvidia-18',
  'predict --all nvidia-18',
  'doctor',
  'metrics',
  'lsp',
  'serve --stdio',
  'recover',
  'gc --dry-run --older-than 0',
  'gc --older-than 0',
  'topology',
  'export nova',
  'export proxmox',
  'export opennebula',
  'export placement --node n1 --provider 11111111-2222-4333-8444-000000000001 --type nvidia-18',
  'export dra --node n1 --driver gpu.example.com',
  'topology --format dot',
  'topology --format svg',
  'plan desired',
  'plan desired --prune',
  'diff desired',
  'diff desired --prune',
  'assert desired',
  'apply desired',
  'apply desired --dry-run',
  'create vgpu-8q.xml',
  'create vgpu.xml',
  'define vgpu-8q.xml',
  'destroy nowhere',
  `destroy ${VGPU}`,
  `undefine ${VGPU}`,
  'undefine nowhere',
  `start ${VGPU}`,
  'start --group group1',
  'start-parent 0000:86:00.0',
  `autostart ${VGPU}`,
  `update ${VGPU} vgpu.xml`,
  `hostdev ${VGPU}`,
  `hostdev ${VGPU} --qemu`,
  `hostdev ${VGPU} --into workstation.xml`,
  `group create group2 ${VGPU}`,
  `group add group1 ${VGPU}`,
  `group remove group1 ${VGPU}`,
  'sim start workstation.xml',
  'sim stop desktop',
  'sim capture',
  'sim reset',
  'sim fail create EIO',
  'sim delay create 1',
  'sim plug pci_0000_86_00_0',
  'sim attach desktop',
  'sim unplug pci_0000_86_00_0',
  'sim bind pci_0000_86_00_0',
  'sim unbind pci_0000_86_00_0',
  'event --list',
  `dumpxml ${VGPU}`,
  'rules',
] as const;

describe('what a host says', () => {
  it.each(LINES)('%s', async (line) => {
    const told = await command(line, hostileHost);
    expect(told.stdout + told.stderr).not.toBe('');
    expect(harmIn(told)).toEqual([]);
    const json = await command(`${line} --json`, hostileHost);
    expect(harmIn(json)).toEqual([]);
    if (json.code === 0) JSON.parse(json.stdout);
  });

  it('is not lost in JSON', async () => {
    const { stdout } = await command('group list --json', hostileHost);
    expect(JSON.parse(stdout)).toMatchObject({ groups: [{ name: `group1${HOSTILE}` }] });
  });
});

it('has a command line above for each that asks a host', () => {
  const told = LINES.map((line) => line.replace(/^((?:group|sim) \w+|[\w-]+).*$/u, '$1'));
  const others = [
    'help',
    'completion',
    '__complete',
    'event',
    'validate',
    'libvirt-hook',
    'sim init',
    'sim mount',
    'sim run',
    'sim import',
    'sim profiles',
  ];
  expect(new Set([...told, ...others])).toEqual(new Set(commands.map(({ name }) => name)));
});

describe('what is typed', () => {
  const names = commands.map(({ name }) => name).filter((name) => name !== '__complete');

  it.each(names)('for %s', async (name) => {
    for (const words of [
      [HOSTILE],
      [HOSTILE, HOSTILE],
      [`--${HOSTILE}`],
      ['--uri', HOSTILE],
      [`--json=${HOSTILE}`],
    ]) {
      expect(harmIn(await command([...name.split(' '), ...words], { stdin: HOSTILE }))).toEqual([]);
    }
  });

  it('where a command is expected', async () => {
    expect(harmIn(await command([HOSTILE]))).toEqual([]);
    expect(harmIn(await command([`--${HOSTILE}`]))).toEqual([]);
    expect(harmIn(await command(['-c', HOSTILE, 'list']))).toEqual([]);
    expect(harmIn(await command(['list'], { env: { VIRT_NODEDEV_URI: HOSTILE } }))).toEqual([]);
  });
});

describe('what documents and file names say', () => {
  const device = (inside: string): string =>
    `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'>${inside}</capability></device>`;
  const documents = [
    device(`<type id='nvidia-18'/><group>${escaped(IN_XML)}</group>`),
    device(`<type id='${escaped(IN_XML)}'/>`),
    device(`<type id='nvidia-18'/><uuid>${escaped(IN_XML)}</uuid>`),
    device(`<type id='nvidia-18'/><attr name='${escaped(IN_XML)}' value='1'/>`),
    device(`<type id='nvidia-18'/><params>${escaped(IN_XML)}</params>`),
    device("<type id='nvidia-18'/>").replace('pci_0000_86_00_0', escaped(IN_XML)),
    device("<type id='nvidia-18'/>").replace('<device>', `<device><name>${escaped(IN_XML)}</name>`),
    `<domain type='kvm'><name>${escaped(IN_XML)}</name><devices><hostdev type='${escaped(IN_XML)}'/></devices></domain>`,
    `<x${HOSTILE}/>`,
    HOSTILE,
  ];

  it.each(documents.map((text, index) => [index, text] as const))(
    'document %i',
    async (_, text) => {
      mkdirSync(join(folder, 'in'));
      writeFileSync(join(folder, 'in', `${IN_NAME}.xml`), text);
      const file = join('in', `${IN_NAME}.xml`);
      for (const words of [
        ['create', file],
        ['define', file],
        ['plan', 'in'],
        ['diff', 'in'],
        ['validate', 'in'],
        ['validate', '--format', 'json', 'in'],
        ['validate', '--format', 'sarif', 'in'],
        ['validate', '--format', 'github', 'in', file],
        ['sim', 'start', file],
        ['sim', 'init', 'new', '--profile', file],
        ['create', '--json', file],
        ['libvirt-hook', IN_NAME, 'prepare', 'begin', '-'],
        ['list', '--all'],
        ['topology'],
        ['group', 'list'],
      ]) {
        expect(harmIn(await command(words, { stdin: text }))).toEqual([]);
      }
    },
  );

  it.each([
    'etc/mdevctl.d',
    'etc/libvirt/qemu',
    'etc/mdevctl.d/0000:86:00.0',
    'sys/class/mdev_bus',
    'sys/bus/mdev/devices',
  ])('a file below %s', async (below) => {
    mkdirSync(join(folder, 'host', below), { recursive: true });
    writeFileSync(join(folder, 'host', below, `${IN_NAME}.xml`), HOSTILE);
    mkdirSync(join(folder, 'host', below, IN_NAME));
    for (const line of [
      'list --all',
      'doctor',
      'types',
      'topology',
      'gc',
      'plan desired',
      'recover',
    ]) {
      expect(harmIn(await command(line))).toEqual([]);
      expect(harmIn(await command(`${line} --json`))).toEqual([]);
    }
  });
});

it('XML that is printed holds what a terminal would obey as references', async () => {
  const xml = `<device><name>a&#9;b\u202e\u009b\u2028</name></device>\n`;
  const connectTo = hostileHost.connect;
  const { stdout } = await command(`dumpxml ${VGPU}`, {
    connect: async (uri, report) => {
      const manager = await connectTo?.(uri, report);
      if (manager === undefined) throw new Error('no host');
      return { ...manager, dumpxml: () => Promise.resolve(xml) };
    },
  });
  expect(stdout).toContain('<name>a&#9;b&#x202e;&#x9b;&#x2028;</name>');
});
