import * as v from 'valibot';
import type { SetupStep } from '../../drivers/card-setup.ts';

/** A profile of GPU instances: it becomes an argument of a program. */
export const profileShape = v.pipe(
  v.string('text'),
  v.regex(/^\d{1,2}g\.\d{1,3}gb(?:[+-][a-z]+(?:\.[a-z]+)?)?$/, 'a profile of GPU instances'),
);

/** A step, as journals and plans have it. */
export const setupStepShape = v.variant(
  'do',
  [
    v.strictObject({
      do: v.picklist(['mig', 'functions', 'mixed']),
      on: v.boolean('true or false'),
    }),
    v.strictObject({ do: v.literal('instances'), profiles: v.array(profileShape, 'a list') }),
  ],
  'one of mig, functions, mixed, instances',
) satisfies v.GenericSchema<unknown, SetupStep>;
