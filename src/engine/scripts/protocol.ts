import type { DefinitionRef } from '../definitions/read.ts';

/** The actions in calls of scripts: mdevctl's commands. */
export type ScriptAction = 'define' | 'undefine' | 'modify' | 'start' | 'stop';

/** Queries to a script, which change nothing. */
type Question = 'attributes' | 'capabilities';

/** The result of the operation: not yet run, succeeded or failed. */
export type ScriptState = 'none' | 'success' | 'failure';

export type ScriptEvent = 'pre' | 'post' | 'live' | 'get' | 'notify';

export interface Call {
  readonly event: ScriptEvent;
  readonly action: ScriptAction | Question;
  readonly state: ScriptState;
}

/** What a script of version 2 supports. */
export interface Supports {
  readonly actions: readonly string[];
  readonly events: readonly string[];
}

/** The exit status of a script that does not handle the device's type. */
export const NOT_MY_TYPE = 2;

/** mdevctl's standard input for get/capabilities. */
export const PROVIDES = JSON.stringify({
  provides: {
    version: 2,
    actions: ['start', 'stop', 'define', 'undefine', 'modify', 'attributes', 'capabilities'],
    events: ['pre', 'post', 'notify', 'get', 'live'],
  },
});

/** The arguments of a script. mdevctl's manual writes `-t=TYPE`, but mdevctl passes separate words in this order. */
export function scriptArguments(call: Call, type: string, ref: DefinitionRef): readonly string[] {
  const { event, action, state } = call;
  return ['-t', type, '-e', event, '-a', action, '-s', state, '-u', ref.uuid, '-p', ref.parent];
}

/** The answer to get/capabilities; undefined: no answer, since the script has version 1. */
export function parseSupports(stdout: string): Supports | undefined {
  const answer = parseJson(stdout);
  const supports = isRecord(answer) ? answer['supports'] : undefined;
  if (!isRecord(supports) || typeof supports['version'] !== 'number') return undefined;
  const { actions, events } = supports;
  return areStrings(actions) && areStrings(events) ? { actions, events } : undefined;
}

/** Parses a script's JSON, which may have a NUL at the end; undefined when it is no JSON. */
export function parseJson(stdout: string): unknown {
  try {
    return JSON.parse(stdout.replace(/\0+$/, ''));
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function areStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
