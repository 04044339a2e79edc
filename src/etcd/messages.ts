import { NodedevError } from '../errors.ts';

/** No member answered. `reasons`: each member's, in words. */
export function unavailable(reasons: readonly string[], cause: unknown): NodedevError {
  return new NodedevError('etcd-unavailable', `etcd does not answer: ${reasons.join('; ')}`, {
    hint: 'etcd works while more than half of its members run and reach each other: check them and the URLs',
    cause,
  });
}

/** What to do, by the code of gRPC that etcd gives. */
const HINTS: Readonly<Record<number, string>> = {
  3: 'the request is too large, or this is not etcd 3.4 or later',
  7: 'give its user a role that may read and write the keys below the prefix',
  8: "etcd's space is used up: compact and defragment it, or raise its quota",
  9: 'etcd has no users: leave out the user, or enable authentication there',
  11: 'read again: somebody compacted the history meanwhile',
  16: 'check the user and the password',
};

/** out-of-range: a revision that is no more. */
const COMPACTED = 11;

export function refused(url: string, message: string, code: number): NodedevError {
  const kind = code === COMPACTED ? 'etcd-compacted' : 'etcd-refused';
  return new NodedevError(kind, `etcd at ${url} refuses: ${message}`, { hint: HINTS[code] });
}

export function refusedWatch(reason: string): NodedevError {
  return new NodedevError('etcd-refused', `etcd ends a watch: ${reason}`, { hint: HINTS[7] });
}

export function answerInvalid(url: string, what: string, cause?: unknown): NodedevError {
  return new NodedevError('etcd-invalid', `what answers at ${url} is not etcd: ${what}`, {
    hint: "give the URLs of etcd's clients: http://HOST:2379",
    cause,
  });
}

export function endpointInvalid(text: string): NodedevError {
  return new NodedevError('request-invalid', `'${text}' is no URL of etcd`, {
    hint: 'http://HOST:2379 or https://HOST:2379, several with commas between them; a password is not part of it',
  });
}

export function tooManyOperations(limit: number): NodedevError {
  const message = `etcd takes ${limit} operations in a transaction, and this one has more`;
  return new NodedevError('request-invalid', message, { hint: 'split it' });
}
