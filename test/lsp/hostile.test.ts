import { assert, asyncProperty, constantFrom, jsonValue } from 'fast-check';
import { ErrorCodes, ResponseError } from 'vscode-languageserver-protocol/node';
import { describe, expect, it } from 'vitest';
import { type Client, start, URI } from './client.ts';

const METHODS = [
  'textDocument/completion',
  'textDocument/hover',
  'textDocument/codeAction',
  'textDocument/formatting',
  'textDocument/prepareRename',
  'textDocument/rename',
];
const START = { line: 0, character: 1 };
const HERE = {
  textDocument: { uri: URI },
  position: START,
  range: { start: START, end: START },
  options: { tabSize: 1e9, insertSpaces: true },
  newName: '0695d332-7831-493f-9e71-1c85c8911a08',
};

const answerTo = ({ protocol }: Client, method: string, params?: object): Promise<unknown> =>
  (params === undefined
    ? protocol.sendRequest(method)
    : protocol.sendRequest(method, params)
  ).catch((error: unknown) => error);

/** What a server that lives and knows the document offers. */
const offered = (client: Client): Promise<readonly string[]> => client.complete('<domain><|');

describe('wrong parameters', () => {
  it.each(METHODS)('of %s are told', async (method) => {
    const client = await start();
    for (const params of [
      undefined,
      {},
      { ...HERE, textDocument: null },
      { ...HERE, textDocument: { uri: 5 } },
      { textDocument: HERE.textDocument },
      { ...HERE, position: undefined, range: null, options: { tabSize: -1 } },
      ...[
        { line: -1, character: 0 },
        { line: 'x', character: 0 },
        { line: 0.5, character: 0 },
        [],
      ].map((position) => ({
        ...HERE,
        position,
        range: { start: position, end: position },
        options: [],
      })),
    ]) {
      expect(await answerTo(client, method, params)).toMatchObject({
        code: ErrorCodes.InvalidParams,
        message: expect.stringContaining(method),
      });
    }
    expect(await offered(client)).toContain('devices');
  });

  it.each([
    'textDocument/didOpen',
    'textDocument/didChange',
    'textDocument/didClose',
    'initialized',
    '$/cancelRequest',
    '$/setTrace',
    'workspace/didChangeConfiguration',
  ])('of %s stop nothing', async (method) => {
    const client = await start();
    await client.write('<domain/>');
    for (const params of [
      {},
      { textDocument: { uri: 'file:///other.xml', version: 9 } },
      {
        textDocument: { uri: 'file:///other.xml', version: 9 },
        contentChanges: [null, { range: 'all' }],
      },
    ]) {
      await client.protocol.sendNotification(method, params);
    }
    await client.protocol.sendNotification(method);
    expect(await offered(client)).toContain('devices');
  });

  it('of any kind are answered', async () => {
    const client = await start();
    await assert(
      asyncProperty(constantFrom(...METHODS), jsonValue(), async (method, json) => {
        const params = { textDocument: json, position: json, range: json, newName: json };
        const answer = await answerTo(client, method, params);
        expect(answer).toBeInstanceOf(ResponseError);
        expect(answer).toMatchObject({ code: ErrorCodes.InvalidParams });
      }),
    );
    expect(await offered(client)).toContain('devices');
  });
});

describe('what is no message', () => {
  const body = (text: string): string =>
    `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;

  it.each([
    ['no JSON', body('{')],
    ['no UTF-8', 'Content-Length: 2\r\n\r\n\xff\xfe'],
    ['no object', body('null') + body('5') + body('[]') + body('""') + body('[[]]')],
    ['no method', body('{"jsonrpc":"2.0"}') + body('{"jsonrpc":"2.0","id":1}')],
    ['a strange id', body('{"jsonrpc":"2.0","id":{},"method":"textDocument/hover"}')],
    ['an answer that nobody asked for', body('{"jsonrpc":"2.0","id":77,"result":{}}')],
    ['a method that is none', body('{"jsonrpc":"2.0","id":"x","method":"__proto__"}')],
    ['a method of another type', body('{"jsonrpc":"2.0","id":"y","method":5}')],
    ['a header without a length', 'Content-Type: x\r\n\r\n'],
    ['a header that is none', 'hello\r\n\r\n'],
    ['a length that is none', 'Content-Length: many\r\n\r\n'],
  ])('%s stops nothing', async (_, bytes) => {
    const client = await start();
    client.input.write(Buffer.from(bytes, 'latin1'));
    expect(await offered(client)).toContain('devices');
  });
});

describe('documents', () => {
  it.each([
    ['deep', '<domain>'.repeat(20_000)],
    ['long names', `<domain ${'a'.repeat(200_000)}='`],
    ['many attributes', `<domain ${"a='1' ".repeat(20_000)}>`],
    ['names of objects', '<__proto__ constructor="1"><toString>'],
    ['names of objects inside', '<domain><__proto__ constructor="1"><toString>'],
    ['broken pairs of characters', '<domain>\uD800</domain>\uDC00'],
    ['control characters', '<domain>\u0000\u001B[2J</domain>'],
    [
      'an entity bomb',
      '<!DOCTYPE domain [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><domain>&b;</domain>',
    ],
  ])('with %s are answered', async (_, text) => {
    const client = await start();
    await client.write(text);
    for (const method of METHODS) {
      expect(await answerTo(client, method, HERE)).not.toBeInstanceOf(Error);
      const far = { line: 2 ** 31, character: 2 ** 31 };
      expect(await answerTo(client, method, { ...HERE, position: far })).not.toBeInstanceOf(Error);
    }
    expect(await offered(client)).toContain('devices');
  });
});
