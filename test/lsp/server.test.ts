import {
  DidCloseTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  ShutdownRequest,
} from 'vscode-languageserver-protocol/node';
import { describe, expect, it } from 'vitest';
import { start, URI } from './client.ts';

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
  ])('of a host: %s', async (text, wanted) => {
    const { complete } = await start('-c', 'test:///nvidia-m60');
    expect(await complete(text)).toEqual(expect.arrayContaining(wanted));
  });

  it('is checked against the host, too', async () => {
    const { write } = await start('-c', 'test:///nvidia-m60');
    const { diagnostics } = await write(RAMFB.replace(" ramfb='on'", ''));
    expect(diagnostics.map(({ code }) => code)).toContain('mdev-not-active');
  });
});
