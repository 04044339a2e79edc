import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect, validationRules } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type RunResult, run } from './run.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const domain = (name: string, hostdev = ''): string => `<domain type='kvm'>
  <name>${name}</name>
  <devices>
    <hostdev mode='subsystem' type='mdev' model='vfio-pci'${hostdev}>
      <source><address uuid='${UUID}'/></source>
    </hostdev>
  </devices>
</domain>
`;
const GOOD =
  "<device><parent>p</parent><capability type='mdev'><type id='a'/></capability></device>";

/** A folder with these files. */
function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const validate = (
  cwd: string,
  line: string,
  options: Parameters<typeof run>[1] = {},
): Promise<RunResult> => run(['validate', ...line.split(' ')], { cwd, ...options });

describe('validate', () => {
  it.each(['invalid-vgpus', 'invalid-s390'])(
    'shows what is wrong with the sample %s',
    async (name) => {
      const { code, stdout, stderr } = await validate('samples/domains', `${name}.xml`);
      expect(code).toBe(3);
      expect(stderr).toBe('');
      await expect(stdout).toMatchFileSnapshot(`golden/validate-${name}.txt`);
    },
  );

  it('shows tabs, wide characters, long lines, and nothing a terminal obeys', async () => {
    const folder = folderWith({
      'a.xml': `\ufeff<device>\r\n\t<parent>p</parent>\t<foo/>\r\n</device>\r\n`,
      'b.xml': `<domain type='kvm'><metadata><名前/>${'<x/>'.repeat(50)}</metadata><devices><hostdev type='\u202e'/></devices></domain>`,
      'c.xml': '<domain>\u001b[31m</domain>',
      'd.xml': new Uint8Array([0x3c, 0x61, 0xff, 0x3e]),
    });
    const { code, stdout } = await validate(folder, '. ./d.xml');
    expect(code).toBe(3);
    await expect(stdout).toMatchFileSnapshot('golden/validate-characters.txt');
  });

  it('exits with 0 for valid documents and for warnings', async () => {
    const folder = folderWith({ 'a.xml': domain('a', " managed='yes'"), 'b.xml': GOOD });
    const both = await validate(folder, 'a.xml b.xml');
    expect(both.code).toBe(0);
    expect(both.stdout).toContain('a.xml:4:60: warning: managed=');
    expect(both.stdout).toContain('\n2 documents checked: 1 warning\n');
    expect(await validate(folder, 'b.xml')).toEqual({
      code: 0,
      stdout: '1 document checked: no issues\n\n',
      stderr: '',
    });
    expect((await validate(folder, '--quiet b.xml')).stdout).toBe('');
  });

  it.each<readonly [line: string, code: number, stderr: string]>([
    ['empty', 2, "error: no *.xml file in 'empty'\n"],
    [
      '--format html a.xml',
      2,
      "error: invalid value 'html' for option --format\nhint: use text, json, sarif, github\n",
    ],
    ['--schema no.rng a.xml', 1, 'DIR/no.rng'],
  ])('%s: exits with %i', async (line, code, stderr) => {
    const folder = folderWith({ 'a.xml': GOOD, 'empty/readme.txt': '' });
    const result = await validate(folder, line);
    expect(result.code).toBe(code);
    expect(result.stderr.replaceAll(folder, 'DIR')).toContain(stderr);
    expect(result.stdout.trim()).toBe('');
  });

  it('a file that cannot be read is one finding among the others', async () => {
    const folder = folderWith({ 'a.xml': '<device/>', 'b.xml': GOOD });
    const { code, stdout, stderr } = await validate(folder, 'no.xml a.xml b.xml');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('a.xml:1:1: error: no device capabilities');
    expect(stdout).toContain(
      "no.xml: error: Failed to open file 'no.xml': No such file or directory [file-unreadable]\n",
    );
    expect(stdout).toContain('\n2 documents checked: 2 errors\n');
    for (const format of ['json', 'sarif', 'github']) {
      const result = await validate(folder, `--format ${format} --only ap-multiple no.xml b.xml`);
      expect(result.code).toBe(1);
      expect(result.stdout).toContain('file-unreadable');
    }
  });

  it('finds the *.xml files of a directory, sorted, each once, and follows no links', async () => {
    const broken = '<device/>';
    const folder = folderWith({
      'vm/b.xml': broken,
      'vm/a/z.xml': broken,
      'vm/a.xml': broken,
      'vm/notes.txt': broken,
      'vm/x.xml/inside.xml': broken,
    });
    symlinkSync('..', join(folder, 'vm/a/up'));
    symlinkSync('b.xml', join(folder, 'vm/link.xml'));
    const { stdout } = await validate(folder, 'vm/ vm/b.xml ./vm/a.xml');
    expect(stdout.match(/^.*?(?=:\d)/gm)).toEqual([
      'vm/a.xml',
      'vm/a/z.xml',
      'vm/b.xml',
      'vm/x.xml/inside.xml',
    ]);
    expect((await validate(folder, 'vm/link.xml')).stdout).toContain('vm/link.xml:1:1: error: ');
  });

  it('leaves out dot folders, node_modules, and files of other programs', async () => {
    const broken = '<device/>';
    const folder = folderWith({
      'a.xml': broken,
      '.idea/a.xml': broken,
      'sub/node_modules/p/a.xml': broken,
      'pom.xml': '<?xml version="1.0"?>\n<!-- <device> -->\n<project>',
      'page.xml': '<!DOCTYPE html [<!ENTITY a "<device>">]><html/>',
      'net.xml': Buffer.from('\ufeff<network/>', 'utf16le'),
      'entity.xml': '<!DOCTYPE device []><device/>',
      'text.xml': 'no XML',
    });
    const { code, stdout } = await validate(folder, '.');
    expect(code).toBe(3);
    expect(stdout.match(/^.*?(?=:\d)/gm)).toEqual(['./a.xml', './entity.xml', './text.xml']);
    expect(stdout).toContain('\n3 documents checked: 3 errors; 3 other XML files skipped\n');
    const named = await validate(folder, '.idea/a.xml pom.xml sub/node_modules');
    expect(named.stdout.match(/^.*?(?=:\d)/gm)).toEqual([
      '.idea/a.xml',
      'pom.xml',
      'sub/node_modules/p/a.xml',
    ]);
    const json = await validate(folder, '--format json .');
    expect(JSON.parse(json.stdout)).toMatchObject({ skipped: 3 });
  });

  it('reads the folder of libvirt, with networks, autostart and links elsewhere', async () => {
    const folder = folderWith({
      'qemu/vm.xml': `<!--\nWARNING: THIS IS AN AUTO-GENERATED FILE.\n-->\n${domain('vm')}`,
      'qemu/networks/default.xml': '<network><name>default</name></network>',
      'qemu/networks/autostart/x': '',
      'srv/far.xml': domain('far', " managed='yes'"),
    });
    mkdirSync(join(folder, 'qemu/autostart'));
    symlinkSync(join(folder, 'qemu/vm.xml'), join(folder, 'qemu/autostart/vm.xml'));
    symlinkSync('../srv/far.xml', join(folder, 'qemu/far.xml'));
    symlinkSync('gone.xml', join(folder, 'qemu/dangling.xml'));
    symlinkSync('.', join(folder, 'qemu/self.xml'));
    const { code, stdout } = await validate(folder, '--ignore mdev-in-two-domains qemu');
    expect(code).toBe(0);
    expect(stdout).toContain('qemu/far.xml:4:60: warning: managed=');
    expect(stdout).toContain('\n2 documents checked: 1 warning; 1 other XML file skipped\n');
  });

  it.each<readonly [line: string, files: readonly string[]]>([
    ['vm', ['vm/a.xml', 'vm/old/a.xml', 'vm/old/b.xml', 'vm/sub/old/a.xml']],
    ['--exclude old vm', ['vm/a.xml']],
    ['--exclude /old/ vm', ['vm/a.xml', 'vm/sub/old/a.xml']],
    ['--exclude vm/old/*.xml vm', ['vm/a.xml', 'vm/sub/old/a.xml']],
    ['--exclude ./vm/old vm', ['vm/a.xml', 'vm/sub/old/a.xml']],
    ['--exclude DIR/vm/old vm', ['vm/a.xml', 'vm/sub/old/a.xml']],
    ['--exclude **/a.xml vm', ['vm/old/b.xml']],
    ['--exclude A.xml --exclude [b-c].xml --exclude sub vm', ['vm/a.xml', 'vm/old/a.xml']],
    ['--exclude old vm/old/b.xml vm', ['vm/old/b.xml', 'vm/a.xml']],
    ['--exclude *.xml vm', []],
  ])('%s', async (line, expected) => {
    const folder = folderWith({
      'vm/a.xml': '<device/>',
      'vm/old/a.xml': '<device/>',
      'vm/old/b.xml': '<device/>',
      'vm/sub/old/a.xml': '<device/>',
    });
    const { code, stdout } = await validate(folder, line.replace('DIR', folder));
    expect(code).toBe(expected.length === 0 ? 0 : 3);
    expect(stdout.match(/^.*?(?=:\d)/gm) ?? []).toEqual(expected);
  });

  it('--git leaves out what .gitignore files name, the nearest last', async () => {
    const files = {
      'repo/.git/HEAD': '',
      'repo/.gitignore': '*.xml\n!/vm/**/*.xml\nbuild/\n',
      'repo/vm/.gitignore': '/local.xml\n',
      'repo/vm/sub/.gitignore': '!kept.xml\n*.tmp.xml\n',
      '.gitignore': 'vm\n',
    };
    const documents = ['a.xml', 'local.xml', 'sub/kept.xml', 'sub/a.tmp.xml', 'build/a.xml'];
    const folder = folderWith({
      ...files,
      'repo/a.xml': '<device/>',
      ...Object.fromEntries(documents.map((name) => [`repo/vm/${name}`, '<device/>'])),
    });
    const seen = async (line: string) =>
      (await validate(folder, line)).stdout.match(/^.*?(?=:\d)/gm);
    expect(await seen('--git repo')).toEqual(['repo/vm/a.xml', 'repo/vm/sub/kept.xml']);
    expect(await seen('--git repo/vm')).toEqual(['repo/vm/a.xml', 'repo/vm/sub/kept.xml']);
    expect(await seen('--git repo/vm/local.xml')).toEqual(['repo/vm/local.xml']);
    expect(await seen('repo/vm')).toHaveLength(5);
    writeFileSync(join(folder, 'repo/vm/.gitignore'), 'a*/**/a*/**/a*/**/a*/**/b');
    const slow = await validate(folder, '--git repo/vm');
    expect(slow.code).toBe(1);
    expect(slow.stdout).toContain('.gitignore');
  });

  it.each([
    ['a.xml', 0, 1],
    ['--strict a.xml', 3, 1],
    ['--fail-on warning a.xml', 3, 1],
    ['--fail-on error a.xml', 0, 1],
    ['--strict --ignore mdev-managed-ignored a.xml', 0, 0],
    ['--ignore xml-malformed,mdev-managed-ignored a.xml', 0, 0],
    ['--only xml-malformed a.xml', 0, 0],
    ['--strict --only mdev-managed-ignored a.xml', 3, 1],
    ['--only document-unknown b.xml', 0, 0],
    ['--ignore nodedev-invalid b.xml', 0, 0],
    ['b.xml', 3, 1],
  ])('%s: exits with %i', async (line, code, count) => {
    const folder = folderWith({ 'a.xml': domain('a', " managed='yes'"), 'b.xml': '<device/>' });
    const result = await validate(folder, `--format json ${line}`);
    expect(result.code).toBe(code);
    expect(result.stdout.match(/"code"/g) ?? []).toHaveLength(count);
  });

  it.each([
    ['--ignore mdev-managed', "unknown rule 'mdev-managed'"],
    ['--only xml-malfromed', "unknown rule 'xml-malfromed'\nhint: did you mean xml-malformed?"],
    ['--strict --fail-on error', 'Options --strict and --fail-on are mutually exclusive'],
  ])('%s is refused', async (options, message) => {
    const { code, stderr } = await validate(folderWith({ 'a.xml': GOOD }), `${options} a.xml`);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('reads standard input', async () => {
    const { code, stdout } = await validate('.', '-', { stdin: '<device/>' });
    expect(code).toBe(3);
    expect(stdout).toContain("<stdin>:1:1: error: no device capabilities for 'new device'");
  });

  it('holds the domains of all files against each other', async () => {
    const folder = folderWith({ 'a.xml': domain('a'), 'b.xml': domain('b') });
    expect((await validate(folder, 'a.xml')).stdout).toContain('no issues');
    const { stdout } = await validate(folder, '.');
    expect(stdout).toContain('a.xml:5:24: warning: ');
    expect(stdout).toContain(`b.xml:5:24: warning: mediated device ${UUID} is in domain a too`);
  });

  it('asks the host that is named, and no other', async () => {
    const folder = folderWith({ 'a.xml': domain('a') });
    const onHost = await validate(folder, '-c test:///default a.xml', { connect });
    expect(onHost).toMatchObject({ code: 3, stdout: expect.stringContaining('[mdev-not-active]') });
    const env = { VIRT_NODEDEV_URI: 'test:///default' };
    expect((await validate(folder, 'a.xml', { connect, env })).code).toBe(3);
    expect((await validate(folder, 'a.xml')).code).toBe(0);
  });

  it('takes a schema by name', async () => {
    const folder = folderWith({
      'a.xml': GOOD,
      'b.rng': "<element name='x' xmlns='http://relaxng.org/ns/structure/1.0'><empty/></element>",
    });
    expect((await validate(folder, '--schema ours a.xml')).code).toBe(0);
    const { code, stdout } = await validate(folder, '--schema b.rng a.xml');
    expect(code).toBe(3);
    expect(stdout).toContain('the root element cannot be <device>: expected <x>');
  });
});

describe('formats for programs', () => {
  const awkward = 'a,b:c%d é.xml';
  const files = {
    [awkward]: domain('a', " managed='yes'").replace('vfio-pci', 'a%&#10;::b'),
    'sub/good.xml': GOOD,
  };

  it('json', async () => {
    const { code, stdout } = await validate(folderWith(files), '--format json .');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toEqual({
      schema: 'validate/1',
      warnings: [],
      valid: false,
      documents: [
        {
          file: `./${awkward}`,
          valid: false,
          issues: [
            {
              code: 'mdev-model-invalid',
              severity: 'error',
              message: "Invalid value for attribute 'model' in element 'hostdev': 'a%\n::b'.",
              location: { file: `./${awkward}`, line: 4, column: 43 },
              hint: 'Use one of: vfio-pci, vfio-ccw, vfio-ap.',
            },
            expect.objectContaining({ code: 'mdev-managed-ignored', severity: 'warning' }),
          ],
        },
        { file: './sub/good.xml', valid: true, issues: [] },
      ],
      skipped: 0,
    });
  });

  it('sarif', async () => {
    const folder = folderWith(files);
    const { stdout } = await validate(folder, `--format sarif ${folder}`);
    const log: unknown = JSON.parse(stdout);
    expect(log).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'virt-nodedev', version: expect.stringMatching(/^\d+\.\d+/) } },
          columnKind: 'utf16CodeUnits',
          results: [
            {
              ruleId: 'mdev-model-invalid',
              ruleIndex: validationRules.findIndex(({ code }) => code === 'mdev-model-invalid'),
              level: 'error',
              message: { text: expect.stringContaining('Invalid value for attribute') },
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'a%2Cb%3Ac%25d%20%C3%A9.xml' },
                    region: { startLine: 4, startColumn: 43 },
                  },
                },
              ],
            },
            { ruleId: 'mdev-managed-ignored', level: 'warning' },
          ],
        },
      ],
    });
    expect(log).toHaveProperty(
      'runs.0.tool.driver.rules',
      validationRules.map(({ code, severity, summary, source }) => ({
        id: code,
        shortDescription: { text: summary },
        help: { text: `${summary}\n\nSource: ${source}` },
        defaultConfiguration: { level: severity },
      })),
    );
  });

  it('sarif of standard input, and of a file elsewhere', async () => {
    const folder = folderWith({ 'a b.xml': '<device/>', 'cwd/x': '' });
    const name = join(folder, 'a b.xml');
    const { stdout } = await run(['validate', '--format', 'sarif', '-', name], {
      cwd: join(folder, 'cwd'),
      stdin: '<x/>',
    });
    expect(stdout).toContain('"uri": "stdin"');
    expect(stdout).toContain(`"uri": "file://${folder}/a%20b.xml"`);
  });

  it('github', async () => {
    const folder = folderWith(files);
    const { stdout } = await validate(folder, `--format github ${folder} -`, { stdin: '<x/>' });
    expect(stdout.split('\n')).toEqual([
      "::error file=a%2Cb%3Ac%25d é.xml,line=4,col=43,title=mdev-model-invalid::Invalid value for attribute 'model' in element 'hostdev': 'a%25%0A::b'.%0AUse one of: vfio-pci, vfio-ccw, vfio-ap.",
      expect.stringMatching(/^::warning file=.*,line=4,col=\d+,title=mdev-managed-ignored::/),
      '::error line=1,col=1,title=document-unknown::unexpected root element <x>, expecting <domain>, <hostdev>, <device>, <devices>, <host> or <fleet>',
      '',
    ]);
  });

  it.each(['json', 'sarif', 'github'])('%s says nothing of valid documents', async (format) => {
    const folder = folderWith({ 'a.xml': GOOD });
    const { code, stdout, stderr } = await validate(folder, `--format ${format} a.xml`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toMatch(/"ruleId"|::error|"message"/);
  });
});

describe('rules', () => {
  it('lists every rule', async () => {
    const { stdout } = await run(['rules']);
    const listed = stdout.split('\n').map((line) => line.trim().split(/ {2,}/)[0]);
    expect(listed).toEqual(expect.arrayContaining(validationRules.map(({ code }) => code)));
    const { stdout: json } = await run(['rules', '--json']);
    expect(JSON.parse(json)).toMatchObject({ rules: validationRules });
  });

  it('shows one rule, and what was meant by another word', async () => {
    const { stdout } = await run(['rules', 'ramfb-without-display']);
    expect(stdout).toContain('Severity:       error\n');
    expect(stdout).toContain('Source:         QEMU hw/vfio/pci.c: vfio_realize\n');
    expect(await run(['rules', 'ramfb-witout-display'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        "error: unknown rule 'ramfb-witout-display'\nhint: did you mean ramfb-without-display?\n",
    });
  });
});

it('create --validate refuses what the schema refuses', async () => {
  const folder = folderWith({ 'a.xml': GOOD.replace("<type id='a'/>", "<type id='a'/><foo/>") });
  const { code, stderr } = await run(['-c', 'test:///default', 'create', '--validate', 'a.xml'], {
    cwd: folder,
    connect,
  });
  expect(code).toBe(1);
  expect(stderr).toContain("a.xml:1:65: <foo> is not allowed in <capability type='mdev'>");
});
