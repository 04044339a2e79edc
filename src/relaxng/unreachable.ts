/** The end of a switch over all members of a union: a new member does not compile until it is handled. */
export function unreachable(value: never): never {
  throw new TypeError(`not handled: ${JSON.stringify(value)}`);
}
