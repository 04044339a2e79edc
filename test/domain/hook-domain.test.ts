import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readHookDomain, readStartingDomain } from '../../src/domain/hook-domain.ts';
import { NodedevError } from '../../src/errors.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const MDEV = `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${UUID}'/></source></hostdev>`;
const PCI =
  "<hostdev mode='subsystem' type='pci'><source><address domain='0' bus='6' slot='0' function='0'/></source></hostdev>";
const domain = (devices: string, head = '<name>vm1</name>'): string =>
  `<domain type='kvm'>\n${head}<devices>\n${devices}</devices></domain>`;

/** Why a domain may not start; `starts` when it may. */
function answer(text: string | Uint8Array, guest = 'vm1'): string {
  try {
    readStartingDomain(text, { file: '<stdin>', guest });
    return 'starts';
  } catch (error) {
    if (!(error instanceof NodedevError) || error.code !== 'domain-invalid') throw error;
    return error.message;
  }
}

const NOT_WHOLE = '<stdin>: no whole domain XML';
const UNCLEAR = '<stdin>: the <hostdev> of line 3 does not say which device it is';

describe('a start is refused', () => {
  it.each([
    ['nothing', '', '<stdin>: empty'],
    ['no bytes', new Uint8Array(), '<stdin>: empty'],
    ['white space', ' \n', NOT_WHOLE],
    ['no XML', 'vm1', NOT_WHOLE],
    ['bytes that are not UTF-8', Buffer.from(domain('\xff'), 'latin1'), '<stdin>: not UTF-8'],
    ['UTF-16', Buffer.from(domain(''), 'utf16le'), NOT_WHOLE],
    ['another document', '<network><name>vm1</name></network>', NOT_WHOLE],
    ['a domain in another document', `<x>${domain('')}</x>`, NOT_WHOLE],
    ['a domain without its name', domain('', ''), NOT_WHOLE],
    ['two domains', domain('') + domain(MDEV), NOT_WHOLE],
    ['text around it', `error: ${domain('')}`, NOT_WHOLE],
    ['text behind it', `${domain('')} x`, NOT_WHOLE],
    ['a document type', `<!DOCTYPE domain>${domain('')}`, NOT_WHOLE],
    [
      "another guest's",
      domain('', '<name>vm2</name>'),
      "<stdin>: the XML is of domain 'vm2', not of 'vm1'",
    ],
    ['a hostdev without a type', domain(MDEV.replace("type='mdev'", '')), UNCLEAR],
    ['an empty hostdev', domain('<hostdev/>'), UNCLEAR],
    ['a mediated device without a uuid', domain(MDEV.replace(`uuid='${UUID}'`, '')), UNCLEAR],
    ['one that is no uuid', domain(MDEV.replace(UUID, 'x')), UNCLEAR],
    ['one without a source', domain("<hostdev type='mdev'/>"), UNCLEAR],
    ['one with its source elsewhere', domain(MDEV.replaceAll('source>', 'x>')), UNCLEAR],
  ])('for %s', (_, text, reason) => {
    expect(answer(text)).toBe(reason);
  });

  it('for every cut of its XML', () => {
    const whole = readFileSync('samples/domains/two-vgpus.xml', 'utf8').trimEnd();
    const { name } = readHookDomain(whole);
    expect(answer(whole, name)).toBe('starts');
    for (let end = 1; end < whole.length; end += 1) {
      expect([end, answer(whole.slice(0, end), name)]).toEqual([end, NOT_WHOLE]);
      expect([end, answer(whole.slice(end), name)]).toEqual([
        end,
        expect.stringMatching(/^<stdin>: /u),
      ]);
    }
  });
});

describe('a domain starts', () => {
  it.each([
    ['without devices', '<domain><name>vm1</name></domain>'],
    ['with a declaration and a byte order mark', `\ufeff<?xml version='1.0'?>\n${domain('')}\n`],
    ['with a PCI device', domain(PCI)],
    ['with host devices of kinds nobody knows', domain("<hostdev type='cxl'><x/></hostdev>")],
    ['with elements nobody knows', domain("<y:z xmlns:y='u'><hostdev/></y:z>")],
    ['with elements inside of 200 others', domain('<a>'.repeat(200) + '</a>'.repeat(200))],
    ['with the word mdev somewhere', domain('<!-- mdev --><disk file="mdev"/>')],
    ['with a second name', domain('', '<name>vm1</name><name>vm2</name>')],
  ])('%s', (_, text) => {
    expect(answer(text)).toBe('starts');
    expect(readStartingDomain(text).mdevs).toEqual([]);
  });

  it('with mediated devices, whatever else it has', () => {
    expect(readStartingDomain(domain(`<x/>${MDEV}${PCI}`)).mdevs).toEqual([UUID]);
    expect(readStartingDomain(domain(MDEV.replace("'mdev'", '"&#x6d;dev"'))).mdevs).toEqual([UUID]);
  });
});

it('at its end only its name is needed', () => {
  expect(readHookDomain(domain('<hostdev/>'), { guest: 'vm1' }).name).toBe('vm1');
  expect(() => readHookDomain(domain(''), { guest: 'vm2' })).toThrow(NodedevError);
});
