import * as v from 'valibot';
import { isBytes } from './bytes.ts';
import { NodedevError } from './errors.ts';

// Programs in JavaScript, and data that came as JSON, have no types: what a function cannot work with is refused before
// it begins. Of options, a name that is none is refused too: `{ dryrun: true }` must not destroy.

/** What a function takes, argument by argument. */
export type Shapes = readonly v.GenericSchema[];

export const text = v.string();
export const optionalText = v.optional(text);
export const flag = v.optional(v.boolean());
export const bytes = v.union([text, v.custom<Uint8Array>(isBytes)]);

/** A shape for each option of `O`: with `satisfies`, the compiler asks for those that are missing. */
export type ShapesOf<O> = { readonly [Name in keyof O]-?: v.GenericSchema };

export function optionsOf<const T extends v.ObjectEntries>(entries: T) {
  return v.optional(v.strictObject(entries));
}

/** @throws NodedevError `request-invalid`: which argument is not what it must be */
export function checkArguments(name: string, shapes: Shapes, given: readonly unknown[]): void {
  for (const [index, shape] of shapes.entries()) {
    const [issue] = v.safeParse(shape, given[index]).issues ?? [];
    if (issue === undefined) continue;
    const path = v.getDotPath(issue);
    const where = `argument ${index + 1}${path === null ? '' : `, ${path}`}`;
    throw new NodedevError('request-invalid', `${name}: ${where}: ${issue.message}`);
  }
}

/**
 * Runs a function that takes whole descriptions, such as node devices: how they begin is checked before, and what is wrong
 * deeper in them is found when it is used.
 *
 * @throws NodedevError `request-invalid`
 */
export function withArguments<T>(
  name: string,
  shapes: Shapes,
  given: readonly unknown[],
  run: () => T,
): T {
  checkArguments(name, shapes, given);
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    const message = `${name}: a value in an argument is of another type than it must be: ${cause.message}`;
    throw new NodedevError('request-invalid', message, { cause });
  }
}
