import type { ErrorCode, IssueCode } from './codes.ts';

export type { ErrorCode, IssueCode } from './codes.ts';

/** A location in a source text. Lines and columns count from 1; columns count UTF-16 code units. */
export interface Location {
  /** The file's name, as the caller gave it; undefined for text without a file. */
  readonly file?: string | undefined;
  readonly line: number;
  readonly column: number;
}

/**
 * `error`: it is refused, or cannot work. `warning`: it is accepted, but ignored or surprising. `notice`: a useful fact, no
 * mistake.
 */
export type Severity = 'error' | 'warning' | 'notice';

/**
 * A change that mends a finding without a decision, at its location: an element with both tags or an attribute gets another
 * name; an attribute, a text or that of an element another value; an element, that of an attribute, too, has an attribute set; an element or an
 * attribute goes.
 */
export type Fix =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'attribute'; readonly name: string; readonly value: string }
  | { readonly kind: 'removal' };

/** One finding of a validation. Validators return these and throw nothing. */
export interface Issue {
  readonly code: IssueCode;
  readonly message: string;
  readonly severity: Severity;
  readonly location?: Location | undefined;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** What a program can do about it; undefined: somebody has to decide. */
  readonly fix?: Fix | undefined;
}

/** The error that the library throws for a mistake of the caller or a refusal of the host. */
export class NodedevError extends Error implements Issue {
  override readonly name = 'NodedevError';
  readonly severity = 'error';
  readonly code: ErrorCode;
  readonly location: Location | undefined;
  readonly hint: string | undefined;
  readonly fix: Fix | undefined;
  /** Further findings, such as steps that could not be undone, or all errors of an invalid document. */
  readonly issues: readonly Issue[];

  constructor(
    code: ErrorCode,
    message: string,
    details: {
      readonly location?: Location | undefined;
      readonly hint?: string | undefined;
      readonly fix?: Fix | undefined;
      readonly issues?: readonly Issue[] | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.location = details.location;
    this.hint = details.hint;
    this.fix = details.fix;
    this.issues = details.issues ?? [];
  }

  /** The same error with more findings added. */
  withIssues(issues: readonly Issue[]): NodedevError {
    if (issues.length === 0) return this;
    return new NodedevError(this.code, this.message, {
      location: this.location,
      hint: this.hint,
      fix: this.fix,
      issues: [...this.issues, ...issues],
      cause: this.cause,
    });
  }
}

/** An error as data: its own finding, then its further findings, each once. */
export function issuesOf(error: NodedevError): readonly Issue[] {
  const { code, message, severity, location, hint, fix } = error;
  const further = error.issues.filter(
    (issue) => issue.message !== message || byLocation(issue, error) !== 0,
  );
  return [{ code, message, severity, location, hint, ...(fix && { fix }) }, ...further];
}

/** Compares by line and column, for `toSorted`. Issues without a location come first. */
export function byLocation(left: Pick<Issue, 'location'>, right: Pick<Issue, 'location'>): number {
  const line = (left.location?.line ?? 0) - (right.location?.line ?? 0);
  return line === 0 ? (left.location?.column ?? 0) - (right.location?.column ?? 0) : line;
}
