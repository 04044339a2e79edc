/** The default case of a switch over a union. It makes the compiler refuse a switch that misses a member. */
export function unreachable(value: never): never {
  throw new TypeError(`not handled: ${JSON.stringify(value)}`);
}
