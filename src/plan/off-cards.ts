import { offCardOf } from '../engine/setup/off-cards.ts';
import { functionsOff } from '../engine/wording/setup-messages.ts';
import { NodedevError } from '../errors.ts';
import type { SetupCard } from '../host/host.ts';

/** The reason why a parent or a type is not there, when cards whose virtual functions are off may have it. @param asked the parents that were asked for */
export function reasonWithOff(
  error: unknown,
  off: readonly SetupCard[],
  asked: readonly string[],
  isEmpty: boolean,
): unknown {
  if (!(error instanceof NodedevError)) return error;
  if (error.code === 'parent-unknown') {
    const [card] = asked.flatMap((name) => offCardOf(off, name) ?? []);
    return card === undefined ? error : functionsOff(card);
  }
  const [first] = off;
  if (first === undefined || error.code !== 'type-unknown' || asked.length > 0) return error;
  const reason = functionsOff(first);
  if (isEmpty) return reason;
  const { code, message, hint, location, issues } = error;
  return new NodedevError(code, message, {
    hint: `${hint ?? ''}; ${reason.message}`,
    location,
    issues,
  });
}
