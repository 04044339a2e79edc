import * as fc from 'fast-check';

/** `SEED=17 npm test` draws the same examples again; without it each run draws its own, and a failure prints the seed. */
const seed = process.env['SEED'];
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });

/** The same, for examples that are not fast-check's to draw: who uses it prints it. */
export const SEED = Number(seed ?? 1 + Math.floor(Math.random() * 1_000_000));
