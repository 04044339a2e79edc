export type { ErrorCode, Issue, Location, Severity } from './errors.ts';
export { NodedevError } from './errors.ts';
