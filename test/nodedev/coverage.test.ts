import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CAPABILITY_NAMES } from '../../src/nodedev/capability-names.ts';
import type { Dialect } from '../../src/nodedev/device.ts';
import { formatNodeDevice, nodeDeviceElement } from '../../src/nodedev/format.ts';
import { parseNodeDevice } from '../../src/nodedev/parse.ts';
import { type RecordType, structures } from '../../src/nodedev/table.ts';
import { device } from '../../src/nodedev/tables/device.ts';
import { attributeOf, childElements, textOf, type XmlElement } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';

const FOLDER = 'test/nodedev/documents';
const documents = readdirSync(FOLDER).map((file) => ({
  file,
  xml: readFileSync(join(FOLDER, file), 'utf8'),
}));

/** The lines of the tables, as `address.bus`; those of one structure in two places count twice. */
type Lines = Map<RecordType<unknown>, Set<string>>;

function everyLine(): Lines {
  return new Map(
    [...structures(device)].map((type) => [type, new Set(type.entries.map(({ key }) => key))]),
  );
}

/** Takes away the lines an element tree makes use of. */
function strike(lines: Lines, type: RecordType<unknown>, element: XmlElement): void {
  const left = lines.get(type);
  for (const { name } of element.attributes) {
    const entry = type.attributes.get(name);
    if (entry !== undefined) left?.delete(entry.key);
  }
  if (type.content !== undefined && textOf(element) !== '') left?.delete(type.content.key);
  for (const node of childElements(element)) {
    for (const { key, field } of type.children.get(node.name) ?? []) {
      for (const content of field.contents) {
        if (content.kind === 'value') left?.delete(key);
        else if (isOf(content, node)) {
          left?.delete(key);
          strike(lines, content, node);
        }
      }
    }
  }
}

function isOf(type: RecordType<unknown>, element: XmlElement): boolean {
  const { tag } = type;
  const isTagged = tag === undefined || attributeOf(element, tag[0]) === tag[1];
  return isTagged && (type.recognises?.(element) ?? true);
}

function remaining(lines: Lines): readonly string[] {
  return [...lines].flatMap(([type, keys]) => [...keys].map((key) => `${nameOf(type)}.${key}`));
}

function nameOf(type: RecordType<unknown>): string {
  return type.tag?.join('=') ?? type.entries.map(({ key }) => key).join('+');
}

describe('documents that hold every element once', () => {
  it.each(documents)('$file is printed back byte for byte', ({ xml }) => {
    expect(formatNodeDevice(parseNodeDevice(xml))).toBe(xml);
  });

  it('make every line of the tables be read', () => {
    const lines = everyLine();
    for (const { xml } of documents) {
      strike(lines, device, readXml(xml).root);
      // The forms extended does not print are read too.
      for (const dialect of ['libvirt', 'thread'] as const) {
        const printed = formatNodeDevice(parseNodeDevice(xml), { dialect });
        expect(() => parseNodeDevice(printed)).not.toThrow();
        strike(lines, device, readXml(printed).root);
      }
    }
    expect(remaining(lines)).toEqual([]);
  });

  it('have no capability without a name to list it by', () => {
    const names = documents
      .flatMap(({ xml }) => childElements(readXml(xml).root, 'capability'))
      .map((capability) => attributeOf(capability, 'type'));
    expect(names.length).toBeGreaterThan(10);
    // How a GPU is to be set up stands in desired states only.
    const listed = names.filter((name) => name !== 'vgpu');
    expect(listed.filter((name) => !CAPABILITY_NAMES.some((known) => known === name))).toEqual([]);
  });

  it('make every line of the tables be written', () => {
    const lines = everyLine();
    const dialects: readonly Dialect[] = ['extended', 'libvirt', 'thread'];
    for (const { xml } of documents) {
      for (const dialect of dialects) {
        strike(lines, device, nodeDeviceElement(parseNodeDevice(xml), dialect));
      }
    }
    expect(remaining(lines)).toEqual([]);
  });
});
