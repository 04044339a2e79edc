import { basename } from 'node:path';
import { type Issue, NodedevError } from '../../errors.ts';
import type { NamedValue } from '../../nodedev/device.ts';
import { compactDefinition, type Definition, parseAttributes } from '../definitions/definition.ts';
import type { DefinitionRef } from '../definitions/read.ts';
import { findScripts } from './find.ts';
import {
  type Call,
  NOT_MY_TYPE,
  parseJson,
  parseSupports,
  PROVIDES,
  type ScriptAction,
  scriptArguments,
  type ScriptState,
  type Supports,
} from './protocol.ts';
import { runScript, type ScriptResult } from './run.ts';

// mdevctl's protocol for scripts, so that scripts that vendors and administrators installed for it (such as s390's
// ap_check) are called for our changes, too. Facts: mdevctl(8), "INVOKING EXTERNAL SCRIPTS FOR DEVICE EVENTS", and its callouts.rs.
// Different on purpose: a time limit; scripts that other users could have written are not run; failures that do not stop
// the operation are reported instead of ignored.

export type { ScriptAction } from './protocol.ts';

/** The device of an operation, for its scripts. */
export interface ScriptSubject {
  readonly root: string;
  readonly ref: DefinitionRef;
  readonly definition: Definition;
  /** Receives the output of scripts, and failures that do not stop the operation. */
  readonly report: (issue: Issue) => void;
  /** What one says before an operation does not stop it. */
  readonly overrule?: boolean | undefined;
  /** Milliseconds each script may take; default 10,000. */
  readonly limitMs?: number | undefined;
}

const LIMIT_MS = 10_000;

/** The script that is responsible for the device's type. */
interface Responsible {
  readonly script: string;
  /** Undefined: a script of version 1, which is called for everything. */
  readonly supports?: Supports | undefined;
}

interface Answer extends Responsible {
  readonly result: ScriptResult;
}

/**
 * Runs `operation` between the scripts: the responsible callout's `pre`, which may refuse, the operation, the
 * callout's `post`, and at the end all notifiers, even after a failure.
 *
 * @throws NodedevError script-failed; an error of the operation comes before errors of the scripts after it
 */
export async function withScripts<T>(
  subject: ScriptSubject,
  action: ScriptAction,
  operation: () => T | Promise<T>,
): Promise<T> {
  let state: ScriptState = 'none';
  try {
    const input = compactDefinition(subject.definition);
    const versioned = await overruled(subject, () => findVersioned(subject));
    const pre = await overruled(subject, async () => {
      const answer = await ask(subject, { event: 'pre', action, state }, input, versioned);
      if (answer) requireSuccess(answer, subject);
      return answer;
    });
    try {
      const value = await operation();
      state = 'success';
      return value;
    } catch (error) {
      state = 'failure';
      throw error;
    } finally {
      await post(subject, { event: 'post', action, state }, input, versioned ?? pre);
    }
  } finally {
    await notify(subject, { event: 'notify', action, state });
  }
}

/** What a script says; undefined where it says no, and may not. */
async function overruled<T>(
  subject: ScriptSubject,
  says: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await says();
  } catch (error) {
    if (subject.overrule !== true) throw error;
    reportProblem(subject, error);
    return undefined;
  }
}

/**
 * The attributes of an active device, from its callout; undefined when no callout supports this.
 *
 * @throws NodedevError script-failed, definition-invalid for an answer that is no list of attributes
 */
export async function attributesFromScripts(
  subject: ScriptSubject,
): Promise<readonly NamedValue[] | undefined> {
  const call: Call = { event: 'get', action: 'attributes', state: 'none' };
  const answer = await ask(subject, call, '', await findVersioned(subject));
  if (answer === undefined) return undefined;
  requireSuccess(answer, subject);
  const { stdout } = answer.result;
  if (stdout === '') return undefined;
  // For mdevctl this means that there are none.
  return stdout === '[{}]' ? [] : parseAttributes(parseJson(stdout), answer.script);
}

/**
 * Lets the device's callout change the active device to `subject.definition`, for devices that only a callout can change.
 *
 * @throws NodedevError script-failed, also when no callout can
 */
export async function modifyLive(subject: ScriptSubject): Promise<void> {
  const versioned = await findVersioned(subject);
  if (versioned === undefined) throw noLiveScript();
  const input = compactDefinition(subject.definition);
  try {
    const call: Call = { event: 'live', action: 'modify', state: 'none' };
    const answer = await ask(subject, call, input, versioned);
    if (answer) requireSuccess(answer, subject);
  } finally {
    await notify(subject, { event: 'notify', action: 'modify', state: 'none' });
  }
}

export function noLiveScript(): NodedevError {
  return new NodedevError(
    'script-failed',
    'Live modification is not supported for this device type. Changing the device configuration requires stopping and restarting the device.',
    {
      hint: 'only a script that was installed for its type can; a change of the definition counts from the next start on',
    },
  );
}

/**
 * Finds the first script that answers get/capabilities: it is responsible for all calls for this type.
 *
 * @throws NodedevError script-failed when one does not end by itself, since it might be the one that would refuse
 */
async function findVersioned(subject: ScriptSubject): Promise<Responsible | undefined> {
  const call: Call = { event: 'get', action: 'capabilities', state: 'none' };
  for (const script of callouts(subject)) {
    const result = await run(subject, script, call, PROVIDES);
    if (result.status === undefined) throw failed(script, result);
    const supports = parseSupports(result.stdout);
    if (supports && result.status !== NOT_MY_TYPE) return { script, supports };
  }
  return undefined;
}

/**
 * Calls the responsible script, or if none is known, one script after the other until one handles the type; undefined:
 * none does.
 *
 * @throws NodedevError script-failed when the responsible script does not support the call
 */
async function ask(
  subject: ScriptSubject,
  call: Call,
  input: string,
  responsible: Responsible | undefined,
): Promise<Answer | undefined> {
  if (responsible) {
    requireSupport(responsible, call);
    return { ...responsible, result: await run(subject, responsible.script, call, input) };
  }
  for (const script of callouts(subject)) {
    const result = await run(subject, script, call, input);
    if (result.status !== NOT_MY_TYPE) return { script, result };
  }
  return undefined;
}

/** @throws NodedevError script-failed when one is not safe to run, since it might be the one that would refuse */
function callouts({ root }: ScriptSubject): readonly string[] {
  const { scripts, problems } = findScripts(root, 'callouts');
  if (problems[0]) throw problems[0];
  return scripts;
}

/** Calls the script after the operation. Its failures are only reported. */
async function post(
  subject: ScriptSubject,
  call: Call,
  input: string,
  responsible: Responsible | undefined,
): Promise<void> {
  if (responsible?.supports && !isSupported(responsible.supports, call)) return;
  try {
    const answer = await ask(subject, call, input, responsible);
    if (answer) requireSuccess(answer, subject);
  } catch (error) {
    reportProblem(subject, error);
  }
}

/** Calls the notifiers. They get no input and cannot refuse. */
async function notify(subject: ScriptSubject, call: Call): Promise<void> {
  try {
    const { scripts, problems } = findScripts(subject.root, 'notifiers');
    for (const problem of problems) reportProblem(subject, problem);
    for (const script of scripts) {
      const result = await run(subject, script, call, '');
      if (result.status !== 0) reportProblem(subject, failed(script, result));
    }
  } catch (error) {
    reportProblem(subject, error);
  }
}

function run(
  subject: ScriptSubject,
  script: string,
  call: Call,
  input: string,
): Promise<ScriptResult> {
  const parameters = scriptArguments(call, subject.definition.type, subject.ref);
  return runScript(script, parameters, input, subject.limitMs ?? LIMIT_MS);
}

function isSupported(supports: Supports, { event, action }: Call): boolean {
  return supports.actions.includes(action) && supports.events.includes(event);
}

function requireSupport({ script, supports }: Responsible, call: Call): void {
  if (supports === undefined || isSupported(supports, call)) return;
  const missing = supports.actions.includes(call.action)
    ? `event '${call.event}'`
    : `action '${call.action}'`;
  throw new NodedevError('script-failed', `Script ${script} does not support ${missing}`, {
    hint: 'the script decides what may be done with devices of this type',
  });
}

function requireSuccess({ script, result }: Answer, subject: ScriptSubject): void {
  if (result.status !== 0) throw failed(script, result);
  const said = result.stderr.trim();
  if (said === '') return;
  subject.report({
    code: 'script-output',
    severity: 'warning',
    message: `${basename(script)}: ${said}`,
  });
}

function failed(script: string, { status, failure, stderr }: ScriptResult): NodedevError {
  const how = failure ?? `failed with status ${status}`;
  return new NodedevError('script-failed', `Script ${script}: ${how}`, {
    hint: stderr.trim() === '' ? undefined : stderr.trim(),
  });
}

function reportProblem(subject: ScriptSubject, error: unknown): void {
  if (!(error instanceof NodedevError)) throw error;
  const { code, message, hint } = error;
  subject.report({ code, message, hint, severity: 'warning' });
}
