import * as v from 'valibot';
import { checkArguments, optionalText, optionsOf, type ShapesOf } from '../arguments.ts';
import type { IssueCode } from '../codes.ts';
import { OPERATION_ORDER } from '../engine/devices/operations.ts';
import { setupStepShape } from '../engine/setup/setup-shapes.ts';
import { planMalformed, planUnreadable } from './messages.ts';
import type { ApplicablePlan } from './plan.ts';

export interface ParsePlanOptions {
  /** The file's name in messages. */
  readonly file?: string | undefined;
}

// The messages complete "… is not …".

const text = v.string('text');

function object<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.object(entries, 'an object');
}

function list<const Item extends v.GenericSchema>(item: Item) {
  return v.array(item, 'a list');
}

const device = object({
  uuid: text,
  parent: text,
  type: text,
  group: text,
  alias: v.optional(text),
  attributes: list(object({ name: text, value: text })),
  params: v.optional(text),
});

const change = object({ what: text, before: v.optional(text), after: v.optional(text) });
const planned = { changes: v.optional(list(change)), source: v.optional(text) };

const action = v.variant(
  'action',
  [
    object({
      action: v.picklist(['adopt', 'regroup', 'destroy', 'undefine', 'create', 'start', 'update']),
      device,
      ...planned,
    }),
    object({
      action: v.picklist(['define', 'redefine']),
      device,
      autostart: v.boolean('true or false'),
      ...planned,
    }),
    object({
      action: v.literal('set-up'),
      card: text,
      step: setupStepShape,
      words: text,
      runs: text,
      needs: v.optional(text),
      ...planned,
    }),
    object({
      action: v.picklist(['claim', 'release']),
      group: text,
      owner: object({ name: text, uuid: v.optional(text) }),
      expires: v.optional(v.pipe(v.number('a number'), v.minValue(0, 'at least 0'))),
      ...planned,
    }),
  ],
  `one of ${OPERATION_ORDER.join(', ')}`,
);

/** Any code: a plan of another version may have one that this version does not know. */
const code = v.custom<IssueCode>(
  (value) => typeof value === 'string' && /^[a-z]+(?:-[a-z]+)*$/u.test(value),
  'a code',
);

const refusal = v.pipe(
  object({ code, message: text, hint: v.optional(text) }),
  v.transform((read) => ({ ...read, severity: 'error' as const })),
);

const plan = object({
  version: v.literal(1, '1'),
  host: object({
    fingerprint: text,
    parents: v.optional(list(text)),
    setups: v.optional(list(text)),
  }),
  actions: list(action),
  refusals: list(refusal),
}) satisfies v.GenericSchema<unknown, ApplicablePlan>;

const ARGUMENTS = [
  v.string(),
  optionsOf({ file: optionalText } satisfies ShapesOf<ParsePlanOptions>),
];

/**
 * Reads the JSON of a plan: the part of it that is carried out. `apply` then compares the names in it with the host.
 *
 * @throws NodedevError `plan-invalid`: no JSON, or no plan, with what is wrong in it (`actions[3].device.uuid`)
 */
export function parsePlan(json: string, options: ParsePlanOptions = {}): ApplicablePlan {
  checkArguments('parsePlan', ARGUMENTS, [json, options]);
  const { file } = options;
  const parsed = v.safeParse(plan, readJson(json, file), { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [{ path, message, expected }] = parsed.issues;
  // For a missing key, valibot's `expected` is the key in quotes.
  const isMissing = expected.startsWith('"');
  throw planMalformed(file, pathText(path), isMissing ? 'there' : message);
}

/** `actions[3].device.uuid` */
function pathText(path: readonly v.IssuePathItem[] = []): string {
  return path
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./u, '');
}

function readJson(json: string, file: string | undefined): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw planUnreadable(file, cause);
  }
}
