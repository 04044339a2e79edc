import * as v from 'valibot';
import { flag, optionalText, text } from '../arguments.ts';
import { protocolError } from './messages.ts';

// The messages, in the order of a connection. A number names a call, and what the call opened.

const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const value = v.unknown();

/** To the server, first. The URI is here and in no command line: the shell there reads none of it. */
export const initializeShape = v.object({
  protocol: number,
  version: text,
  uri: optionalText,
  options: v.optional(
    v.object({
      dryRun: flag,
      readOnly: flag,
      lockTimeout: v.optional(v.pipe(v.number(), v.minValue(0))),
      overruleScripts: flag,
      profileDrivers: v.optional(v.picklist(['trusted', 'all', 'none'])),
    }),
    {},
  ),
});
export const initializedShape = v.object({ protocol: number, version: text });

/** To the server: a method with its arguments. Answered by a {@link valueShape}. */
export const callShape = v.object({ number, method: text, args: v.array(value) });
export const valueShape = v.object({ value });
/** To the server: ends what a call opened. Answered when it has ended. */
export const stopShape = v.object({ number });

/** To the client: the server has this call, and begins with it. */
export const begunShape = v.object({ number });
/** To the client: a function among the arguments is called. */
export const callbackShape = v.object({ number, args: v.array(value) });
/** To the client: an event. */
export const itemShape = v.object({ number, value });
/** To the client: what a call opened is over. */
export const endedShape = v.object({ number, error: v.optional(value) });
/** To the client: a warning. */
export const reportShape = v.object({ issue: value });

/** @throws NodedevError `protocol-error` */
export function read<T extends v.GenericSchema>(shape: T, data: unknown): v.InferOutput<T> {
  const result = v.safeParse(shape, data);
  if (result.success) return result.output;
  throw protocolError('a message is not of the form it must have');
}
