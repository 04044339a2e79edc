import { join } from 'node:path';
import {
  DidCloseTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  ShutdownRequest,
} from 'vscode-languageserver-protocol/node';
import { describe, expect, it } from 'vitest';
import { connect, initSimulatedHost } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { start, URI } from './client.ts';

const UUID = '11111111-2222-3333-4444-555555555555';
const NAME = 'mdev_11111111_2222_3333_4444_555555555555_0000_86_00_0';

/** The URI of a host that has a device in a group. */
async function hostWithDevice(): Promise<string> {
  const root = join(temporaryFolder(), 'host');
  await initSimulatedHost(root, 'nvidia-m60');
  const uri = `sim://${root}`;
  const connection = await connect(uri);
  await connection.create(
    `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/><uuid>${UUID}</uuid><group>games</group></capability></device>`,
  );
  await connection.close();
  return uri;
}

const RAMFB = `<domain type='kvm'>
  <name>vm1</name>
  <devices>
    <hostdev mode='subsystem' type='mdev' model='vfio-pci' ramfb='on'>
      <source>
        <address uuid='0695d332-7831-493f-9e71-1c85c8911a08'/>
      </source>
    </hostdev>
  </devices>
</domain>
`;

describe('a language server', () => {
  it('says what is wrong, where, and why', async () => {
    const { protocol, write, code } = await start('--stdio');
    const { diagnostics } = await write(RAMFB);
    expect(diagnostics).toMatchObject([
      {
        code: 'ramfb-without-display',
        severity: 1,
        source: 'virt-nodedev',
        range: { start: { line: 3, character: 59 }, end: { line: 3, character: 69 } },
      },
    ]);
    const hover = await protocol.sendRequest(HoverRequest.type, {
      textDocument: { uri: URI },
      position: { line: 3, character: 62 },
    });
    expect(JSON.stringify(hover)).toContain('**ramfb-without-display**');
    const right = await write(RAMFB.replace("ramfb='on'", "ramfb='on' display='on'"));
    expect(right.diagnostics.map((one) => one.code)).toEqual(['display-without-graphics']);

    await protocol.sendRequest(ShutdownRequest.type);
    await protocol.sendNotification(ExitNotification.type);
    expect(await code).toBe(0);
  });

  it('reads what is being written', async () => {
    const { write } = await start();
    expect((await write("<domain type='kvm'>\n  <devi")).diagnostics).toMatchObject([
      { code: 'xml-malformed' },
    ]);
    expect((await write('')).diagnostics).toEqual([]);
    expect((await write('<project><domain/></project>')).diagnostics).toEqual([]);
  });

  it('forgets what is closed', async () => {
    const { protocol, write } = await start();
    await write(RAMFB);
    const cleared = new Promise<PublishDiagnosticsParams>((resolve) => {
      protocol.onNotification(PublishDiagnosticsNotification.type, resolve);
    });
    await protocol.sendNotification(DidCloseTextDocumentNotification.type, {
      textDocument: { uri: URI },
    });
    expect(await cleared).toEqual({ uri: URI, diagnostics: [] });
  });

  it('ends when the editor is gone', async () => {
    const { code, input } = await start();
    input.end();
    expect(await code).toBe(0);
  });
});

describe('what it offers', () => {
  it.each([
    ['<|', ['domain', 'device', 'host', 'hostdev'], ['source']],
    ['<hostdev |', ['mode', 'type', 'managed'], ['name']],
    ["<hostdevs><hostdev mode='subsystem' type='|", ['mdev', 'pci'], []],
    ['<domain type="kvm"><|', ['devices'], ['hostdev']],
    ['<domain type="kvm"><devices><|', ['hostdev'], ['devices']],
    ['<domain type="kvm"><devices><hostdev |', ['mode', 'type', 'managed'], ['name']],
    ["<domain type='kvm'><devices><hostdev mode='subsystem' type='|", ['mdev', 'pci'], ['hostdev']],
    [
      "<domain type='kvm'><devices><hostdev mode='subsystem' type='mdev' |",
      ['model', 'display'],
      ['mode', 'type'],
    ],
    ["<domain type='kvm'>\n<devices>\n<hostdev></|", ['hostdev'], ['devices']],
    ["<device><capability type='|", ['mdev', 'pci'], []],
    ["<device><capability type='mdev'><|", ['type', 'uuid', 'group'], ['domain']],
    ['<host><card |', ['driver'], []],
    ['<project><|', [], ['name']],
    ['<domain><!-- <|', [], ['name']],
  ])('%s', async (text, wanted, unwanted) => {
    const { complete } = await start();
    const offered = await complete(text);
    expect(offered).toEqual(expect.arrayContaining(wanted));
    for (const label of unwanted) expect(offered).not.toContain(label);
  });

  it.each([
    ['<device><parent>|', ['pci_0000_86_00_0', 'pci_0000_87_00_0']],
    ["<device><capability type='mdev'><type id='|", ['nvidia-18', 'nvidia-22']],
    ["<devices><device><capability type='mdev'><type id='|", ['nvidia-18']],
    ['<device>\n  <parent>pci_0000_8|', ['pci_0000_86_00_0']],
    ["<device><capability type='mdev'><uuid>|", [UUID]],
    ['<device><name>|', [NAME]],
    ["<device><capability type='mdev'><group>|", ['games']],
    ["<domain><devices><hostdev mode='subsystem' type='mdev'><source><address uuid='|", [UUID]],
    ["<hostdev mode='subsystem' type='mdev'><source><address uuid='|", [UUID]],
    ["<hostdev><source type='mdev'><uuid>|", [UUID]],
    ["<hostdev><source type='mdev'><name>|", [NAME]],
  ])('of a host: %s', async (text, wanted) => {
    const { complete } = await start('-c', await hostWithDevice());
    expect(await complete(text)).toEqual(expect.arrayContaining(wanted));
  });

  it.each([
    '<domain><name>|',
    '<domain><uuid>|',
    "<domain><os><type id='|",
    "<domain><devices><hostdev type='pci'><source><address uuid='|",
    '<host><name>|',
    '<device><group>|',
    "<device><capability type='pci'><uuid>|",
  ])('nothing of a host where its names mean nothing: %s', async (text) => {
    const { complete } = await start('-c', await hostWithDevice());
    expect(await complete(text)).toEqual([]);
  });

  it('is checked against the host, too', async () => {
    const { write } = await start('-c', 'test:///nvidia-m60');
    const { diagnostics } = await write(RAMFB.replace(" ramfb='on'", ''));
    expect(diagnostics.map(({ code }) => code)).toContain('mdev-not-active');
  });
});
