import {
  LSPErrorCodes,
  ErrorCodes,
  PrepareRenameRequest,
  RenameRequest,
  type WorkspaceEdit,
} from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { describe, expect, it } from 'vitest';
import { type Client, start } from './client.ts';

const OLD = '0695d332-7831-493f-9e71-1c85c8911a08';
const OTHER = '6a1c1c1c-5d5d-4b1b-9c9c-3e3e3e3e3e3e';
const NEW = '11111111-2222-3333-4444-555555555555';
const underscored = (uuid: string): string => uuid.replaceAll('-', '_');

const FILES: Readonly<Record<string, string>> = {
  'file:///vm.xml': `<domain type='kvm'>\r\n  <uuid>${OLD}</uuid>
  <devices><hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${OLD}'/></source></hostdev>
  <!-- ${OLD} --><hostdev><source><address uuid="${OTHER}"/></source></hostdev>`,
  'file:///vgpu.xml': `<device><name>mdev_${underscored(OLD)}_0000_86_00_0</name>
  <path>/sys/devices/pci0000:80/0000:86:00.0/${OLD}</path>
  <capability type='mdev'><type id='nvidia-18'/><uuid> ${OLD.toUpperCase()} </uuid></capability></device>`,
  'file:///thread.xml': `<hostdev><source type='mdev'><uuid>${OLD.replaceAll('-', '')}</uuid></source></hostdev>`,
  'file:///other.xml': `<project><uuid>${OLD}</uuid></project>`,
};

async function opened(): Promise<Client> {
  const client = await start();
  for (const [uri, text] of Object.entries(FILES)) await client.write(text, uri);
  return client;
}

/** The place of the n-th occurrence of a word in a file. */
function place(uri: string, word: string, nth = 0): object {
  const text = FILES[uri] ?? '';
  const offset = [...text.matchAll(new RegExp(word, 'giu'))][nth]?.index ?? -1;
  const document = TextDocument.create(uri, 'xml', 1, text);
  return { textDocument: { uri }, position: document.positionAt(offset + 3) };
}

async function renamed(
  client: Client,
  at: object,
  newName: string,
): Promise<Readonly<Record<string, string>>> {
  const edit = await client.protocol.sendRequest<WorkspaceEdit>(RenameRequest.method, {
    ...at,
    newName,
  });
  const { changes = {} } = edit;
  return Object.fromEntries(
    Object.entries(changes).map(([uri, edits]) => [
      uri,
      TextDocument.applyEdits(TextDocument.create(uri, 'xml', 1, FILES[uri] ?? ''), edits),
    ]),
  );
}

/** The files with a device's uuid replaced: not the domain's own, not the comment's. */
const EXPECTED: Readonly<Record<string, string | undefined>> = {
  'file:///vm.xml': FILES['file:///vm.xml']?.replace(`uuid='${OLD}'`, `uuid='${NEW}'`),
  'file:///vgpu.xml': FILES['file:///vgpu.xml']
    ?.replace(underscored(OLD), underscored(NEW))
    .replace(OLD, NEW)
    .replace(OLD.toUpperCase(), NEW),
  'file:///thread.xml': FILES['file:///thread.xml']?.replace(OLD.replaceAll('-', ''), NEW),
};

describe('a uuid is renamed', () => {
  it.each([
    ["a hostdev's address", place('file:///vm.xml', OLD, 1)],
    ["a node device's name", place('file:///vgpu.xml', underscored(OLD))],
    ["a node device's path", place('file:///vgpu.xml', OLD)],
    ["a node device's uuid", place('file:///vgpu.xml', OLD, 1)],
    ['the form of 2016', place('file:///thread.xml', '0695d332')],
  ])('from %s, in all that is open', async (_, at) => {
    const client = await opened();
    expect(await renamed(client, at, NEW)).toEqual(EXPECTED);
    expect(await renamed(client, at, ` ${NEW.toUpperCase()} `)).toEqual(EXPECTED);
  });

  it('of a domain by itself', async () => {
    const client = await opened();
    expect(await renamed(client, place('file:///vm.xml', OLD), NEW)).toEqual({
      'file:///vm.xml': FILES['file:///vm.xml']?.replace(OLD, NEW),
    });
  });

  it('only to a uuid, and not to one that is there', async () => {
    const client = await opened();
    const at = place('file:///vm.xml', OLD, 1);
    await expect(renamed(client, at, 'vgpu-1')).rejects.toMatchObject({
      code: ErrorCodes.InvalidParams,
    });
    await expect(renamed(client, at, OTHER)).rejects.toMatchObject({
      code: LSPErrorCodes.RequestFailed,
    });
  });

  it('where one stands', async () => {
    const { protocol } = await opened();
    const prepare = (at: object): Promise<unknown> =>
      protocol.sendRequest(PrepareRenameRequest.method, at);
    expect(await prepare(place('file:///vgpu.xml', OLD, 1))).toMatchObject({ placeholder: OLD });
    expect(await prepare(place('file:///vgpu.xml', underscored(OLD)))).toMatchObject({
      placeholder: OLD,
      range: { start: { line: 0, character: 19 }, end: { line: 0, character: 55 } },
    });
    expect(await prepare(place('file:///vm.xml', 'hostdev'))).toBeNull();
    expect(await prepare(place('file:///vm.xml', OLD, 2))).toBeNull();
    expect(await prepare(place('file:///other.xml', OLD))).toBeNull();
    expect(
      await prepare({
        ...place('file:///vm.xml', OLD),
        textDocument: { uri: 'file:///closed.xml' },
      }),
    ).toBeNull();
  });
});
