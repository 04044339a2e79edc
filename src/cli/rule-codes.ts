import { validationRules } from '../engine/validate/rules.ts';
import { nearMiss } from '../suggest.ts';
import { UsageError } from './failures.ts';
import * as messages from './messages.ts';

/** The codes of all rules. */
export const ruleCodes: readonly string[] = validationRules.map(({ code }) => code);

/** The codes that an option names, separated by commas or in several of it. */
export function codesOf(words: readonly string[]): ReadonlySet<string> {
  const codes = words.flatMap((word) => word.split(','));
  const unknown = codes.find((code) => !ruleCodes.includes(code));
  if (unknown !== undefined) throw unknownRule(unknown);
  return new Set(codes);
}

export function unknownRule(word: string): UsageError {
  const near = nearMiss(word, ruleCodes);
  return new UsageError(
    messages.unknownRule(word),
    near === undefined ? undefined : messages.didYouMean(near),
  );
}
