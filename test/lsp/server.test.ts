import { PassThrough } from 'node:stream';
import {
  type CompletionItem,
  CompletionRequest,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  InitializeRequest,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { connect } from '../../src/remote/connect.ts';

const URI = 'file:///vm.xml';

interface Client {
  readonly protocol: ProtocolConnection;
  readonly code: Promise<number>;
  readonly input: PassThrough;
  /** Opens a document, or changes it, and returns what is found in it. */
  readonly write: (text: string, uri?: string) => Promise<PublishDiagnosticsParams>;
  /** What is offered at `|`. */
  readonly complete: (text: string) => Promise<readonly string[]>;
}

/** An editor that has started the command. */
async function start(...words: readonly string[]): Promise<Client> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const code = main(['lsp', ...words], {
    stdout: () => undefined,
    stderr: () => undefined,
    stdin: () => Promise.resolve(new Uint8Array()),
    streams: { input, output },
    env: {},
    cwd: process.cwd(),
    interruption: () => new AbortController().signal,
    connect: (uri, options) => connect(uri, options),
  });
  const protocol = createProtocolConnection(
    new StreamMessageReader(output),
    new StreamMessageWriter(input),
  );
  const waiting = new Map<number, (found: PublishDiagnosticsParams) => void>();
  protocol.onNotification(PublishDiagnosticsNotification.type, (found) => {
    waiting.get(found.version ?? 0)?.(found);
  });
  protocol.listen();
  onTestFinished(() => {
    input.end();
    protocol.dispose();
  });
  await protocol.sendRequest(InitializeRequest.type, {
    processId: null,
    rootUri: null,
    capabilities: {},
  });
  let version = 0;
  const write: Client['write'] = async (text, uri = URI) => {
    version += 1;
    const found = new Promise<PublishDiagnosticsParams>((resolve) => waiting.set(version, resolve));
    if (version === 1) {
      await protocol.sendNotification(DidOpenTextDocumentNotification.type, {
        textDocument: { uri, languageId: 'xml', version, text },
      });
    } else {
      await protocol.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      });
    }
    return found;
  };
  return {
    protocol,
    code,
    input,
    write,
    async complete(marked) {
      const text = marked.replace('|', '');
      await write(text);
      const lines = marked.slice(0, marked.indexOf('|')).split('\n');
      const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
      const items = await protocol.sendRequest(CompletionRequest.type, {
        textDocument: { uri: URI },
        position,
      });
      const list: readonly CompletionItem[] = Array.isArray(items) ? items : (items?.items ?? []);
      return list.map(({ label }) => label);
    },
  };
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
    ['<|', ['domain', 'device', 'host'], ['hostdev']],
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
