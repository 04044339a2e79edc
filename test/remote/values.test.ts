import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCriteria } from '../../src/drivers/type-criteria.ts';
import { NodedevError } from '../../src/errors.ts';
import { fromJson, toJson } from '../../src/remote/values.ts';

const overTheWire = (value: unknown): unknown =>
  fromJson(JSON.parse(JSON.stringify(toJson(value))));

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(undefined, null, -0, Number.NaN, Infinity, -Infinity),
  fc.uint8Array(),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, tie('list'), tie('object'), tie('map'), tie('set')),
  list: fc.array(tie('value')),
  object: fc.dictionary(
    fc.oneof(fc.string(), fc.constantFrom('$', 'v', '__proto__')),
    tie('value'),
  ),
  map: fc.array(fc.tuple(tie('value'), tie('value'))).map((pairs) => new Map(pairs)),
  set: fc.array(tie('value')).map((each) => new Set(each)),
}));

it('a value is the same on the other side', () => {
  fc.assert(
    fc.property(value, (each) => {
      // A dictionary of fast-check may have no prototype.
      const plain = structuredClone(each);
      expect(overTheWire(plain)).toStrictEqual(plain);
    }),
  );
});

it('an error keeps what it says', () => {
  const error = new NodedevError('in-use', 'it is', {
    hint: 'wait',
    location: { file: 'a.xml', line: 1, column: 2 },
    issues: [{ code: 'host-refused', message: 'EIO', severity: 'warning', hint: undefined }],
  });
  const there = overTheWire([error]);
  expect(there).toStrictEqual([error]);
  expect(there).toEqual([expect.any(NodedevError)]);
  expect(overTheWire(new TypeError('x is no y'))).toEqual(
    new Error('on the other machine: TypeError: x is no y'),
  );
});

it('criteria are those of the other side', () => {
  const criteria = parseCriteria('framebuffer>=2G,series=Q');
  expect(overTheWire(criteria)).toEqual(
    criteria.map((each) => ({ ...each, field: { ...each.field, of: expect.any(Function) } })),
  );
});

it.each([
  ['a symbol', Symbol('x')],
  ['a function', () => undefined],
  ['a date', new Date(0)],
  ['a promise', Promise.resolve()],
])('%s is refused', (_, each) => {
  expect(() => toJson({ each })).toThrow(expect.objectContaining({ code: 'request-invalid' }));
});

it('what is within itself is refused', () => {
  const list: unknown[] = [];
  list.push(list);
  expect(() => toJson(list)).toThrow(expect.objectContaining({ code: 'request-invalid' }));
});

it.each([
  { $: 'nothing' },
  { $: 7 },
  { $: 'number', v: '12' },
  { $: 'bigint', v: 'x' },
  { $: 'bigint', v: '9'.repeat(5000) },
  { $: 'bytes', v: '%' },
  { $: 'map', v: [[1]] },
  { $: 'set', v: {} },
  { $: 'object', v: [[1, 2]] },
  { $: 'field', v: 'constructor' },
  { $: 'callback', v: 1 },
  { $: 'signal' },
  { $: 'error', v: { code: 'A B', message: 'x', issues: [] } },
  { $: 'error', v: { code: 'in-use', message: 7, issues: [] } },
  JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`),
])('what is of no known form is refused (%#)', (json) => {
  expect(() => fromJson(json)).toThrow(expect.objectContaining({ code: 'protocol-error' }));
});

it('whatever comes is read, or refused by name', () => {
  const any = fc.jsonValue();
  const kinds = fc.constantFrom('map', 'set', 'error', 'object', 'bytes');
  const tagged = fc.record({ $: fc.oneof(kinds, any), v: any });
  const codeOf = (json: unknown): string => {
    try {
      fromJson(json);
    } catch (error) {
      return error instanceof NodedevError ? error.code : String(error);
    }
    return 'read';
  };
  fc.assert(
    fc.property(fc.oneof(any, tagged, fc.array(tagged)), (json) => {
      expect(['read', 'protocol-error']).toContain(codeOf(json));
    }),
  );
});
