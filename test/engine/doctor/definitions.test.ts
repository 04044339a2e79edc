import { describe, expect, it } from 'vitest';
import type { FileTree } from '../../support/file-tree.ts';
import { writeFiles } from '../../support/file-tree.ts';
import { examined, sampleHost, uuidOf } from './hosts.ts';

/** The findings on the nvidia-m60 host with these files added. */
async function examinedWith(files: FileTree) {
  const { folder } = sampleHost('nvidia-m60');
  writeFiles(folder, files);
  const findings = await examined(`sysfs://${folder}`);
  return findings.map((finding) => ({
    ...finding,
    message: finding.message.replaceAll(folder, 'ROOT'),
  }));
}

const file = (parent: string): string => `etc/mdevctl.d/${parent}/${uuidOf(1)}`;
const definition = (type: string): string => `{"mdev_type":"${type}","start":"auto"}`;

describe('the doctor on definitions', () => {
  it('finds nothing wrong with one that can be started', async () => {
    expect(await examinedWith({ [file('0000:86:00.0')]: definition('nvidia-18') })).toEqual([]);
  });

  it('finds one whose parent is gone, with the near miss and the way out', async () => {
    expect(await examinedWith({ [file('0000:86:00.1')]: definition('nvidia-18') })).toMatchObject([
      {
        code: 'doctor-definition-parent',
        severity: 'warning',
        message: `ROOT/${file('0000:86:00.1')}: its parent '0000:86:00.1' is not there`,
        hint: expect.stringMatching(
          /'0000:86:00.0' now\? `undefine\('mdev_0695d332_\w+_0000_86_00_1'\)`/,
        ),
      },
    ]);
  });

  it('finds one whose type is gone', async () => {
    expect(await examinedWith({ [file('0000:86:00.0')]: definition('nvidia-99') })).toMatchObject([
      {
        code: 'doctor-definition-type',
        severity: 'warning',
        message: expect.stringContaining("does not offer the type 'nvidia-99'"),
        hint: expect.stringContaining("types({ parent: '0000:86:00.0' })"),
      },
    ]);
  });

  it('names every broken file, with the place in it, and goes on', async () => {
    const findings = await examinedWith({
      [file('0000:86:00.0')]: '{"mdev_type":"nvidia-18",\n"start" "auto"}',
      'etc/mdevctl.d/0000:87:00.0/notes.txt': 'hello',
      [file('0000:99:00.0')]: definition('nvidia-18'),
    });
    expect(findings).toMatchObject([
      {
        code: 'doctor-definition-unreadable',
        severity: 'error',
        location: { file: expect.stringContaining(`/${file('0000:86:00.0')}`), line: 2 },
      },
      { code: 'doctor-definition-unreadable', message: expect.stringContaining('notes.txt') },
      { code: 'doctor-definition-parent' },
    ]);
  });
});

const RULE = `# comment
ACTION=="change", TEST=="/etc/mdevctl.d/$kernel", RUN+="/bin/sh -c '{ /usr/sbin/mdevctl start-parent-mdevs %k 2>&3 | logger -t mdevctl; }'"
`;

describe('the doctor on the autostart rule', () => {
  it("finds Debian's, which calls a path where mdevctl is not, and says how to repair it", async () => {
    const findings = await examinedWith({
      'usr/lib/udev/rules.d/60-mdevctl.rules': RULE,
      'usr/bin/mdevctl': '',
      lib: { link: 'usr/lib' },
    });
    expect(findings).toMatchObject([
      {
        code: 'doctor-autostart-rule',
        severity: 'warning',
        message: expect.stringMatching(
          /^\/usr\/lib\/udev\/rules.d\/60-mdevctl.rules:2: runs \/usr\/sbin\/mdevctl, which does not exist/,
        ),
        hint: expect.stringContaining(
          "`sed 's|/usr/sbin/mdevctl|/usr/bin/mdevctl|g' /usr/lib/udev/rules.d/60-mdevctl.rules > /etc/udev/rules.d/60-mdevctl.rules && udevadm control --reload`",
        ),
      },
    ]);
  });

  it("changes an administrator's own rule in place", async () => {
    const findings = await examinedWith({
      'etc/udev/rules.d/90-vgpu.rules': RULE,
      'usr/bin/mdevctl': '',
    });
    expect(findings[0]?.hint).toContain('`sed -i ');
  });

  it('says what to install when the program is nowhere', async () => {
    const findings = await examinedWith({ 'etc/udev/rules.d/90-vgpu.rules': RULE });
    expect(findings[0]?.hint).toContain('install the package that has /usr/sbin/mdevctl');
  });

  it('is content when the program is there', async () => {
    const files = { 'lib/udev/rules.d/60-mdevctl.rules': RULE, 'usr/sbin/mdevctl': '' };
    expect(await examinedWith(files)).toEqual([]);
  });
});
