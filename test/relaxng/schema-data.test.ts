import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSchema, schemaOf } from '../../src/relaxng/schema.ts';
import { type SchemaData, schemaData, schemaOfData } from '../../src/relaxng/schema-data.ts';
import type { SchemaNode } from '../../src/relaxng/schema-node.ts';
import type { XmlElement } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { mutate, randomOf, vocabularyOf } from './mutants.ts';
import { patternCases } from './pattern-cases.ts';
import { rng } from './rng.ts';

/** What becomes of a schema that is written into a file and read again. */
function stored(start: SchemaNode): SchemaNode {
  const data: SchemaData = JSON.parse(JSON.stringify(schemaData(start)));
  return schemaOfData(data);
}

const findings = (start: SchemaNode, documents: readonly XmlElement[]) => {
  const schema = schemaOf(start);
  return documents.map((document) => schema.validate(document));
};

describe('a schema that was stored finds what the schema itself does', () => {
  it.each(patternCases)('$name', ({ schema, valid, invalid }) => {
    const documents = [...valid, ...invalid].map((text) => readXml(text).root);
    const start = readSchema(rng(schema));
    expect(findings(stored(start), documents)).toEqual(findings(start, documents));
  });

  it.each([
    ['nodedev.rng', 'samples/vgpu.xml'],
    ['domain.rng', 'samples/domains/s390.xml'],
    ['host.rng', 'samples/hosts/nvidia-m60.xml'],
  ])('%s', (name, sample) => {
    const load = (file: string) => ({ file, text: readFileSync(`schemas/${file}`) });
    const start = readSchema(readFileSync(`schemas/${name}`), { load });
    const { root } = readXml(readFileSync(sample));
    const [vocabulary, random] = [vocabularyOf([root]), randomOf(20_160_801)];
    const mutants = Array.from({ length: 200 }, () => mutate(root, vocabulary, random));
    const documents = [root, ...mutants];
    expect(findings(stored(start), documents)).toEqual(findings(start, documents));
  });
});
