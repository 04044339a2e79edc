import type { Operation, OperationDevice } from '../engine/devices/operations.ts';
import { OPERATION_ORDER } from '../engine/devices/operations.ts';
import type { DomainRef } from '../domain/domain-ref.ts';
import type { HostExpectation } from '../engine/types.ts';
import type { IssueCode } from '../codes.ts';
import type { NamedValue } from '../nodedev/device.ts';
import { planMalformed, planUnreadable } from './messages.ts';
import type { ApplicablePlan, PlannedAction } from './plan.ts';

export interface ParsePlanOptions {
  /** The file's name in messages. */
  readonly file?: string | undefined;
}

/**
 * Reads the JSON of a plan: the part of it that is carried out. `apply` then compares the names in it with the host.
 *
 * @throws NodedevError `plan-invalid`: no JSON, or no plan, with what is wrong in it (`actions[3].device.uuid`)
 */
export function parsePlan(text: string, { file }: ParsePlanOptions = {}): ApplicablePlan {
  const plan = new Value(readJson(text, file), '', file);
  if (plan.get('version').value !== 1) throw plan.get('version').malformed('1');
  const refusals = plan.get('refusals').list((refusal) => ({
    code: refusal.get('code').matching(isCode, 'a code'),
    message: refusal.get('message').text(),
    severity: 'error' as const,
    hint: refusal.get('hint').ifAny((hint) => hint.text()),
  }));
  return {
    version: 1,
    host: readHost(plan.get('host')),
    actions: plan.get('actions').list(readAction),
    refusals,
  };
}

/** By its form: the plan of another version may have a code that this one has not. */
function isCode(text: string): text is IssueCode {
  return /^[a-z]+(?:-[a-z]+)*$/u.test(text);
}

function readHost(host: Value): HostExpectation {
  const parents = host.get('parents').ifAny((list) => list.list((parent) => parent.text()));
  return { fingerprint: host.get('fingerprint').text(), parents };
}

function readAction(value: Value): PlannedAction {
  const source = value.get('source').ifAny((each) => each.text());
  const changes = value.get('changes').ifAny((list) =>
    list.list((change) => ({
      what: change.get('what').text(),
      before: change.get('before').ifAny((each) => each.text()),
      after: change.get('after').ifAny((each) => each.text()),
    })),
  );
  return { ...readOperation(value), source, changes };
}

function readOperation(value: Value): Operation {
  const action = value.get('action').choice(OPERATION_ORDER);
  if (action === 'claim') {
    return { action, group: value.get('group').text(), owner: readOwner(value.get('owner')) };
  }
  const device = readDevice(value.get('device'));
  return action === 'define' || action === 'redefine'
    ? { action, device, autostart: value.get('autostart').flag() }
    : { action, device };
}

function readOwner(value: Value): DomainRef {
  return { name: value.get('name').text(), uuid: value.get('uuid').ifAny((uuid) => uuid.text()) };
}

function readDevice(value: Value): OperationDevice {
  return {
    uuid: value.get('uuid').text(),
    parent: value.get('parent').text(),
    type: value.get('type').text(),
    group: value.get('group').text(),
    alias: value.get('alias').ifAny((alias) => alias.text()),
    attributes: value.get('attributes').list(
      (attribute): NamedValue => ({
        name: attribute.get('name').text(),
        value: attribute.get('value').text(),
      }),
    ),
    params: value.get('params').ifAny((params) => params.text()),
  };
}

function readJson(text: string, file: string | undefined): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw planUnreadable(file, cause);
  }
}

/** A value of unknown shape, and where it stands. */
class Value {
  readonly value: unknown;
  readonly #path: string;
  readonly #file: string | undefined;

  constructor(value: unknown, path: string, file: string | undefined) {
    this.value = value;
    this.#path = path;
    this.#file = file;
  }

  malformed(expected: string): Error {
    return planMalformed(this.#file, this.#path, expected);
  }

  /** Of an object only what is its own: `constructor` is just a name. */
  get(name: string): Value {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.malformed('an object');
    }
    const entry = Object.entries(value).find(([key]) => key === name);
    const found: unknown = entry?.[1];
    return new Value(found, this.#path === '' ? name : `${this.#path}.${name}`, this.#file);
  }

  ifAny<T>(read: (value: Value) => T): T | undefined {
    return this.value === undefined ? undefined : read(this);
  }

  list<T>(read: (value: Value) => T): readonly T[] {
    const { value } = this;
    if (!Array.isArray(value)) throw this.malformed('a list');
    return value.map((item: unknown, index) =>
      read(new Value(item, `${this.#path}[${index}]`, this.#file)),
    );
  }

  text(): string {
    if (typeof this.value !== 'string') throw this.malformed('text');
    return this.value;
  }

  matching<T extends string>(is: (text: string) => text is T, expected: string): T {
    const text = this.text();
    if (!is(text)) throw this.malformed(expected);
    return text;
  }

  flag(): boolean {
    if (typeof this.value !== 'boolean') throw this.malformed('true or false');
    return this.value;
  }

  choice<T extends string>(values: readonly T[]): T {
    const found = values.find((each) => each === this.value);
    if (found === undefined) throw this.malformed(`one of ${values.join(', ')}`);
    return found;
  }
}
