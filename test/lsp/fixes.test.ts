import { readdirSync, readFileSync } from 'node:fs';
import { assert, constantFrom, nat, property } from 'fast-check';
import { CodeActionRequest, type CodeAction } from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { describe, expect, it } from 'vitest';
import type { Issue } from '../../src/errors.ts';
import { validateDocument } from '../../src/engine/validate/document.ts';
import { ruleExamples } from '../../src/engine/validate/examples/index.ts';
import { quickFix } from '../../src/lsp/fixes.ts';
import type { HostPicture } from '../../src/policy/picture.ts';
import { applyEdits } from '../../src/xml/text-edits.ts';
import { activeDevice, domainXml, hostView, mdev, UUID } from '../domain/support.ts';
import { start, URI } from './client.ts';

const NODE_DEVICES = new URL('../nodedev/documents/', import.meta.url);
const EXAMPLES = Object.values(ruleExamples).flatMap(({ wrong = [], right = [] }) =>
  [wrong, right].flat(),
);
const DOCUMENTS = readdirSync(NODE_DEVICES)
  .filter((name) => name.endsWith('.xml'))
  .map((name) => readFileSync(new URL(name, NODE_DEVICES), 'utf8'));

const keyOf = ({ code, message, location }: Issue): string =>
  `${code} ${message} ${String(location?.line)}:${String(location?.column)}`;

interface Mended {
  readonly title: string;
  readonly after: string;
}

/** The texts after the fixes of each finding, which are checked to do what they must, and nothing else. */
function mend(text: string, host?: HostPicture): readonly Mended[] {
  return validateDocument(text, { host }).flatMap((issue) => {
    const fix = quickFix(issue, text);
    if (fix === undefined) return [];
    const after = applyEdits(text, fix.edits);
    const left = validateDocument(after, { host });
    expect(left.map(keyOf), `${text}\n=> ${after}`).not.toContain(keyOf(issue));
    expect(left.every(({ code }) => !code.startsWith('xml-'))).toBe(true);
    expect(untouched(after, text)).toBe(true);
    return { title: fix.title, after };
  });
}

/** Whether all lines but those of two tags, or of what is gone, are as before. */
function untouched(after: string, before: string): boolean {
  const lines = new Set(before.split('\n'));
  return after.split('\n').filter((line) => !lines.has(line)).length <= 2;
}

describe('fixes', () => {
  it.each(EXAMPLES.map((text, index) => [index, text] as const))('mend example %i', (_, text) => {
    expect(mend(text)).toBeInstanceOf(Array);
  });

  it('mend misspellings of any name or value', () => {
    let mended = 0;
    assert(
      property(constantFrom(...EXAMPLES, ...DOCUMENTS), nat(), nat(), (text, word, letter) => {
        const words = [...text.matchAll(/(?<=<|\s|=')[a-z_]{3,}(?=[\s=>'/])/gu)];
        const { index = 0, 0: chosen = '' } = words[word % Math.max(words.length, 1)] ?? {};
        const at = index + (letter % Math.max(chosen.length, 1));
        mended += mend(`${text.slice(0, at)}x${text.slice(at + 1)}`).length;
      }),
      { numRuns: 400 },
    );
    expect(mended).toBeGreaterThan(50);
  });

  const broken = (from: string, to: string): string =>
    domainXml(mdev({ attributes: "display='off'" })).replace(from, to);
  const host = hostView({ active: [activeDevice()] });

  it.each([
    [
      'an element',
      domainXml(mdev()).replaceAll('source>', 'sorce>'),
      'Change to <source>',
      '<source><address',
    ],
    ['an attribute', broken("display='", "dislay='"), 'Change to display', " display='off'"],
    ['a value', broken("'vfio-pci'", "'VFIO-PCI'"), "Change to 'vfio-pci'", "model='vfio-pci'"],
    ['a type that is missing', broken(" type='mdev'", ''), "Write type='mdev'", " type='mdev'"],
    [
      'a uuid in braces',
      broken(UUID, `{${UUID.toUpperCase()}}`),
      `Change to '${UUID}'`,
      `uuid='${UUID}'`,
    ],
    [
      'a uuid with a word',
      broken(UUID, `urn:uuid:${UUID}`),
      `Change to '${UUID}'`,
      `uuid='${UUID}'`,
    ],
    [
      'ramfb',
      broken("display='off'", "ramfb='on'"),
      "Write display='on'",
      "ramfb='on' display='on'",
    ],
    [
      'what is ignored',
      broken('</hostdev>', '<rom bar="on"/></hostdev>'),
      'Remove <rom>',
      'source></hostdev>',
    ],
    [
      'the model of a device',
      broken("'vfio-pci'", "'vfio-ap'"),
      "Change to 'vfio-pci'",
      "model='vfio-pci'",
    ],
    [
      'a model that is missing',
      broken(" model='vfio-pci'", ''),
      "Write model='vfio-pci'",
      " model='vfio-pci'",
    ],
    ['a root', broken('', '').replaceAll('domain', 'domin'), 'Change to <domain>', '</domain>'],
    [
      'a type of a capability',
      "<device><capability type='mdve'/></device>",
      "Change to 'mdev'",
      "type='mdev'",
    ],
  ])('of %s', (_, text, title, part) => {
    const fix = mend(text, host).find((one) => one.title === title);
    expect(fix?.after).toContain(part);
  });

  it('are none where somebody has to decide', () => {
    expect(mend(broken('</hostdev>', '<boot order="0"/></hostdev>'))).toEqual([]);
    expect(mend(broken("display='off'", "display='off' dislay='on'"))).toEqual([]);
  });
});

describe('names of the host', () => {
  const device = (parent: string, type: string): string =>
    `<device>\n  <parent>${parent}</parent>\n<capability type='mdev'><type id='${type}'/></capability></device>`;
  it.each([
    ['pci_0000_68_00_0', 'nvidia-18', 1, 'pci_0000_68_00_0', 'pci_0000_86_00_0'],
    [' pci_0000_86_00_0 ', 'nvidia-18', 1, ' pci_0000_86_00_0 ', 'pci_0000_86_00_0'],
    ['pci_0000_86_00_0', 'nvidai-18', 2, 'nvidai-18', 'nvidia-18'],
  ])('are offered for near ones: %s, %s', async (parent, type, line, wrong, right) => {
    const { protocol, write } = await start('-c', 'test:///nvidia-m60');
    const text = device(parent, type);
    await write(text);
    const here = { line, character: line === 1 ? 4 : 26 };
    const answer = await protocol.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: URI },
      range: { start: here, end: here },
      context: { diagnostics: [] },
    });
    const action = (answer ?? []).find((one): one is CodeAction => 'edit' in one);
    const edits = action?.edit?.changes?.[URI] ?? [];
    const after = TextDocument.applyEdits(TextDocument.create(URI, 'xml', 1, text), edits);
    expect(after).toBe(text.replace(wrong, right));
    expect((await write(after)).diagnostics).toEqual([]);
  });

  it('are none where nothing is near', async () => {
    const { write, protocol } = await start('-c', 'test:///nvidia-m60');
    await write(device('zz', 'nvidia-18'));
    const all = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
    const asked = { textDocument: { uri: URI }, range: all, context: { diagnostics: [] } };
    expect(await protocol.sendRequest(CodeActionRequest.type, asked)).toEqual([]);
  });
});

describe('an editor', () => {
  it.each([
    [
      '\n',
      "<domain type='kvm'>\n  <name>a</name>\n  <memory>5</memory>\n  <devicse>\n  </devicse>\n</domain>\n",
    ],
    [
      '\r\n',
      "<domain type='kvm'>\r\n  <name>a</name>\r\n  <memory>5</memory>\r\n  <devicse>\r\n  </devicse>\r\n</domain>\r\n",
    ],
  ])('is offered the fix with edits of its document, lines ended by %j', async (_, text) => {
    const { protocol, write } = await start();
    const { diagnostics } = await write(text);
    const wrong = diagnostics.find(({ code }) => code === 'domain-element-lost');
    const answer = await protocol.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: URI },
      range: { start: { line: 3, character: 4 }, end: { line: 3, character: 4 } },
      context: { diagnostics: [] },
    });
    const actions: readonly CodeAction[] = (answer ?? []).filter(
      (one): one is CodeAction => 'edit' in one,
    );
    expect(actions).toMatchObject([
      { title: 'Change to <devices>', kind: 'quickfix', diagnostics: [wrong], isPreferred: true },
    ]);
    const edits = actions[0]?.edit?.changes?.[URI] ?? [];
    const after = TextDocument.applyEdits(TextDocument.create(URI, 'xml', 1, text), edits);
    expect(after).toBe(text.replaceAll('devicse', 'devices'));
  });
});
