import { describe, expect, test } from 'vitest';
import { patternCases } from './pattern-cases.ts';
import { compile, verdict } from './rng.ts';

describe.each(patternCases)('$name', ({ schema, valid, invalid }) => {
  test.each([
    ...valid.map((xml) => [xml, 'valid'] as const),
    ...invalid.map((xml) => [xml, 'invalid'] as const),
  ])('%s is %s', (xml, expected) => {
    expect(verdict(compile(schema), xml)).toBe(expected);
  });
});

test('a schema remembers states, not documents: the order of documents changes nothing', () => {
  for (const { schema, valid, invalid } of patternCases) {
    const compiled = compile(schema);
    const twice = [...valid, ...invalid, ...valid, ...invalid];
    expect(twice.map((xml) => verdict(compiled, xml))).toEqual(
      twice.map((xml) => (valid.includes(xml) ? 'valid' : 'invalid')),
    );
  }
});

test('interleaves of many children do not explode, in whatever order the children come', () => {
  const names = Array.from({ length: 60 }, (_, index) => `e${index}`);
  const parts = names.map(
    (name) => `<optional><element name="${name}"><empty/></element></optional>`,
  );
  const schema = compile(`<element name="a"><interleave>${parts.join('')}</interleave></element>`);
  const started = performance.now();
  for (let turn = 0; turn < 60; turn += 1) {
    const order = [...names.slice(turn), ...names.slice(0, turn)];
    const xml = `<a>${order.map((name) => `<${name}/>`).join('')}</a>`;
    expect(verdict(schema, xml)).toBe('valid');
  }
  expect(performance.now() - started).toBeLessThan(50_000);
});
