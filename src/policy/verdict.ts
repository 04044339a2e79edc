import {
  type ErrorCode,
  type Issue,
  type Location,
  NodedevError,
  type Severity,
} from '../errors.ts';

/** Why something is refused, or what should be known about it. */
export interface Reason {
  /** `error`: it is refused. */
  readonly severity: Severity;
  readonly code: ErrorCode;
  readonly message: string;
  /** What to do. It never names something that cannot be done. */
  readonly hint: string;
  /** What it is about: the uuid of a mediated device, or the address of a PCI function. */
  readonly about?: string | undefined;
  /** The name of the driver whose rule it is. */
  readonly driver?: string | undefined;
  /** What is in the way: names of domains, groups and devices. */
  readonly inTheWay: readonly string[];
}

/** The answer of the policy. With no reasons, nothing is to be said. */
export interface Verdict {
  readonly answer: 'allowed' | 'notice' | 'refused';
  readonly reasons: readonly Reason[];
}

export function verdict(reasons: readonly Reason[]): Verdict {
  const isRefused = reasons.some(({ severity }) => severity === 'error');
  if (isRefused) return { answer: 'refused', reasons };
  return { answer: reasons.length === 0 ? 'allowed' : 'notice', reasons };
}

/** A reason why something is refused. */
export function refused(
  code: ErrorCode,
  message: string,
  hint: string,
  details: Partial<Pick<Reason, 'about' | 'driver' | 'inTheWay'>> = {},
): Reason {
  return { severity: 'error', code, message, hint, inTheWay: [], ...details };
}

/** What is to be told although it is allowed. */
export function noticesOf({ reasons }: Verdict): readonly Issue[] {
  return reasons
    .filter(({ severity }) => severity !== 'error')
    .map((reason) => issueOf(reason, () => undefined));
}

/** Where documents name what a reason is about. */
export type Locate = (about: string) => Location | undefined;

/** @throws NodedevError the first reason why it is refused; the others are its `issues` */
export function requireAllowed({ reasons }: Verdict, locate: Locate = () => undefined): void {
  const [first, ...others] = reasons.filter(({ severity }) => severity === 'error');
  if (first === undefined) return;
  throw errorOf(first, locate).withIssues(others.map((reason) => issueOf(reason, locate)));
}

export function errorOf(
  { code, message, hint, about }: Reason,
  locate: Locate = () => undefined,
): NodedevError {
  return new NodedevError(code, message, {
    hint,
    location: about === undefined ? undefined : locate(about),
  });
}

export function issueOf(
  { severity, code, message, hint, about }: Reason,
  locate: Locate = () => undefined,
): Issue {
  return {
    severity,
    code,
    message,
    hint,
    location: about === undefined ? undefined : locate(about),
  };
}
