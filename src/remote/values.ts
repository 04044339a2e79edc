import * as v from 'valibot';
import { isBytes } from '../bytes.ts';
import type { IssueCode } from '../codes.ts';
import { typeField } from '../drivers/type-fields.ts';
import { type Issue, NodedevError } from '../errors.ts';
import { notSendable, protocolError } from './messages.ts';

// What JSON has not is written as `{"$": KIND, "v": …}`; so is an object that has a `$` of its own.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [name: string]: Json;
}

/** XML may be 100 levels deep, which are twice as many here. */
const DEPTH = 400;

/** What stands for the functions and signals among arguments. */
export interface Sending {
  /** The number under which the other side calls it. */
  readonly callback: (given: (...args: readonly unknown[]) => void) => number;
}
export interface Receiving {
  readonly callback: (number: number) => (...args: readonly unknown[]) => void;
  readonly signal: AbortSignal;
}

const tagged = (kind: string, value: Json = null): Json => ({ $: kind, v: value });

/**
 * A value as JSON. An error keeps code, message, hint, location and issues, but not its cause.
 *
 * @throws NodedevError `request-invalid`: it cannot be sent
 */
export function toJson(value: unknown, sending?: Sending, depth = 0): Json {
  if (depth > DEPTH) throw notSendable('a value within itself, or so deep,');
  const inner = (each: unknown): Json => toJson(each, sending, depth + 1);
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : tagged('number', Object.is(value, -0) ? '-0' : String(value));
    case 'bigint':
      return tagged('bigint', String(value));
    case 'undefined':
      return tagged('undefined');
    case 'symbol':
      throw notSendable('a symbol');
    case 'function': {
      if (sending === undefined) throw notSendable('a function');
      return tagged(
        'callback',
        sending.callback((...args) => void Reflect.apply(value, undefined, args)),
      );
    }
    case 'object':
      return value === null ? null : objectToJson(value, sending, inner);
  }
}

function objectToJson(
  value: object,
  sending: Sending | undefined,
  inner: (each: unknown) => Json,
): Json {
  if (Array.isArray(value)) return value.map(inner);
  if (isBytes(value)) return tagged('bytes', Buffer.from(value).toString('base64'));
  if (value instanceof Map)
    return tagged(
      'map',
      Array.from(value, (pair) => pair.map(inner)),
    );
  if (value instanceof Set) return tagged('set', Array.from(value, inner));
  if (value instanceof AbortSignal && sending !== undefined) return tagged('signal');
  if (value instanceof Error) return tagged('error', errorToJson(value, inner));
  // A field of a type is one of a fixed list, with a function.
  if ('of' in value && typeof value.of === 'function' && 'name' in value)
    return tagged('field', inner(value.name));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw notSendable('an object of a class');
  const entries = Object.entries(value);
  return Object.hasOwn(value, '$')
    ? tagged(
        'object',
        entries.map(([name, each]) => [name, inner(each)]),
      )
    : Object.fromEntries(entries.map(([name, each]) => [name, inner(each)]));
}

function errorToJson(value: Error, inner: (each: unknown) => Json): Json {
  const { message } = value;
  if (!(value instanceof NodedevError)) return inner({ defect: value.name, message });
  const { code, hint, fix: mend, location, issues } = value;
  return inner({ code, message, hint, fix: mend, location, issues });
}

/** Reads what {@link toJson} wrote. @throws NodedevError `protocol-error` */
export function fromJson(json: unknown, receiving?: Receiving, depth = 0): unknown {
  if (depth > DEPTH) throw protocolError('a value is too deep');
  const inner = (each: unknown): unknown => fromJson(each, receiving, depth + 1);
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(inner);
  if (Object.hasOwn(json, '$')) return untagged(json, receiving, inner);
  return objectOf(Object.entries(json), inner);
}

/** `fromEntries` makes a property of its own of `__proto__`, too. */
const objectOf = (
  entries: Iterable<readonly [string, unknown]>,
  inner: (each: unknown) => unknown,
): object => Object.fromEntries(Array.from(entries, ([name, each]) => [name, inner(each)]));

const list = v.array(v.unknown());
const two = v.length<unknown[], 2>(2);
const pair = v.pipe(v.array(v.unknown()), two);
const entry = v.strictTuple([v.string(), v.unknown()]);
const tag = v.variant('$', [
  v.object({ $: v.literal('undefined') }),
  v.object({ $: v.literal('signal') }),
  v.object({ $: v.literal('number'), v: v.picklist(['NaN', 'Infinity', '-Infinity', '-0']) }),
  v.object({ $: v.literal('bigint'), v: v.pipe(v.string(), v.regex(/^-?\d{1,1000}$/u)) }),
  v.object({ $: v.literal('bytes'), v: v.pipe(v.string(), v.base64()) }),
  v.object({ $: v.literal('map'), v: v.array(pair) }),
  v.object({ $: v.literal('set'), v: list }),
  v.object({ $: v.literal('object'), v: v.array(entry) }),
  v.object({ $: v.literal('field'), v: v.string() }),
  v.object({ $: v.literal('callback'), v: v.pipe(v.number(), v.safeInteger()) }),
  v.object({ $: v.literal('error'), v: v.unknown() }),
]);

function untagged(
  json: object,
  receiving: Receiving | undefined,
  inner: (each: unknown) => unknown,
): unknown {
  const { output: value, success } = v.safeParse(tag, json);
  if (!success) throw protocolError('a value is of no known kind');
  switch (value.$) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number(value.v);
    case 'bigint':
      return BigInt(value.v);
    case 'bytes':
      return new Uint8Array(Buffer.from(value.v, 'base64'));
    case 'map':
      return new Map(value.v.map(([key, each]) => [inner(key), inner(each)]));
    case 'set':
      return new Set(value.v.map(inner));
    case 'object':
      return objectOf(value.v, inner);
    case 'error':
      return errorOf(inner(value.v));
    case 'field': {
      const field = typeField(value.v);
      if (field === undefined) throw protocolError('a field of types is not known');
      return field;
    }
    case 'signal':
    case 'callback': {
      if (receiving === undefined) throw protocolError('an answer has a function');
      return value.$ === 'signal' ? receiving.signal : receiving.callback(value.v);
    }
  }
}

/** Any code: of two versions that speak the same protocol, one may have more of them. */
const code = v.custom<IssueCode>(
  (value) => typeof value === 'string' && /^[a-z\d]+(?:-[a-z\d]+)*$/u.test(value),
);
const optionalText = v.optional(v.string());
const place = v.pipe(v.number(), v.integer(), v.minValue(1));
const fix = v.variant('kind', [
  v.object({ kind: v.literal('name'), name: v.string() }),
  v.object({ kind: v.literal('value'), value: v.string() }),
  v.object({ kind: v.literal('attribute'), name: v.string(), value: v.string() }),
  v.object({ kind: v.literal('removal') }),
]);
const finding = {
  message: v.string(),
  hint: optionalText,
  location: v.optional(v.object({ file: optionalText, line: place, column: place })),
  fix: v.optional(fix),
};
export const issueShape = v.object({
  ...finding,
  code,
  severity: v.picklist(['error', 'warning', 'notice']),
}) satisfies v.GenericSchema<unknown, Issue>;
const errorShape = v.object({
  ...finding,
  code: v.custom<NodedevError['code']>((value) => v.is(code, value)),
  issues: v.array(issueShape),
});
const defectShape = v.object({ defect: v.string(), message: v.string() });

function errorOf(data: unknown): Error {
  if (v.is(errorShape, data)) return new NodedevError(data.code, data.message, data);
  if (!v.is(defectShape, data)) throw protocolError('an error is none');
  return new Error(`on the other machine: ${data.defect}: ${data.message}`);
}
