import { createGenerator } from 'ts-json-schema-generator';
import { ANSWER_VERSION } from '../../src/cli/answers.ts';

/** A JSON Schema, as far as the answers have it. */
export interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema | boolean>>;
  readonly required?: readonly string[];
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly [keyword: string]: unknown;
}

const DEFINITION = '#/definitions/';

/** The schema of each answer, by its name: what `src/cli/answers.ts` says, with the envelope around it. */
export function answerSchemas(): ReadonlyMap<string, Schema> {
  const generator = createGenerator({
    path: 'src/cli/answers.ts',
    tsconfig: 'tsconfig.json',
    skipTypeCheck: true,
    topRef: false,
  });
  const schemaOf = (type: string): Schema => {
    const schema: Schema = JSON.parse(JSON.stringify(generator.createSchema(type)));
    return schema;
  };
  const answers = schemaOf('Answers');
  const definitions = { ...answers.definitions, ...schemaOf('ErrorAnswer').definitions };
  const envelope = schemaOf('Envelope');
  const bodies = { ...answers.properties, error: schemaOf('ErrorAnswer') };
  return new Map(
    Object.entries(bodies)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([name, body]) =>
        typeof body === 'boolean' ? [] : [[name, answer(name, body, envelope, definitions)]],
      ),
  );
}

function answer(
  name: string,
  body: Schema,
  envelope: Schema,
  definitions: Readonly<Record<string, Schema>>,
): Schema {
  const { definitions: _, $schema: __, ...own } = body;
  const whole = withEnvelope(own, name, envelope, definitions);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `virt-nodedev:${name}/${ANSWER_VERSION}`,
    ...whole,
    definitions: usedBy(whole, definitions),
  };
}

/** The schema of an object, or of one of several, with the properties of the envelope. */
function withEnvelope(
  schema: Schema,
  name: string,
  envelope: Schema,
  definitions: Readonly<Record<string, Schema>>,
): Schema {
  if (schema.$ref !== undefined) {
    const { description = schema['description'], ...named } = definitionOf(
      schema.$ref,
      definitions,
    );
    return withEnvelope(
      description === undefined ? named : { description, ...named },
      name,
      envelope,
      definitions,
    );
  }
  if (schema.anyOf !== undefined) {
    const anyOf = schema.anyOf.map((one) => withEnvelope(one, name, envelope, definitions));
    return { ...schema, anyOf };
  }
  return {
    ...schema,
    properties: {
      ...envelope.properties,
      ...schema.properties,
      schema: { const: `${name}/${ANSWER_VERSION}` },
    },
    required: [...(envelope.required ?? []), ...(schema.required ?? [])],
  };
}

function definitionOf(reference: string, definitions: Readonly<Record<string, Schema>>): Schema {
  const found = definitions[decodeURIComponent(reference.slice(DEFINITION.length))];
  if (found === undefined) throw new Error(`no definition: ${reference}`);
  return found;
}

/** The definitions that a schema needs. */
function usedBy(
  schema: Schema,
  definitions: Readonly<Record<string, Schema>>,
): Readonly<Record<string, Schema>> {
  const found = new Map<string, Schema>();
  const look = (part: unknown): void => {
    const text = JSON.stringify(part);
    for (const [, reference = ''] of text.matchAll(/"\$ref":"#\/definitions\/([^"]+)"/gu)) {
      const name = decodeURIComponent(reference);
      const definition = definitionOf(`${DEFINITION}${reference}`, definitions);
      if (found.has(name)) continue;
      found.set(name, definition);
      look(definition);
    }
  };
  look(schema);
  return Object.fromEntries([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
