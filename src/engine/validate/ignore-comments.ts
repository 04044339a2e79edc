import { byLocation, type Issue } from '../../errors.ts';
import { nearMiss } from '../../suggest.ts';
import { decodeLoosely } from '../../xml/decode.ts';
import { comments } from '../../xml/markup.ts';
import { LineTracker } from '../../xml/source.ts';
import { validationRules } from './rules.ts';

const MARK = 'virt-nodedev:';

/**
 * Issues without those of codes that a comment in the document names, anywhere in it:
 * `<!-- virt-nodedev: ignore CODE CODE … -->`. A comment that means nothing is a warning.
 */
export function withoutIgnored(
  input: string | Uint8Array,
  file: string | undefined,
  issues: readonly Issue[],
): readonly Issue[] {
  const text = decodeLoosely(input);
  if (!text.includes(MARK)) return issues;
  const ignored = new Set<string>();
  const lines = new LineTracker({ text, name: 'xml', file });
  const mistakes: Issue[] = [];
  for (const [offset, comment] of comments(text)) {
    const words = comment.trim();
    if (!words.startsWith(MARK)) continue;
    const [verb = '', ...codes] = words
      .slice(MARK.length)
      .trim()
      .split(/[\s,]+/u);
    const wrong = (message: string, hint: string | undefined): Issue => ({
      code: 'ignore-unknown',
      message,
      severity: 'warning',
      location: lines.locate(offset),
      hint,
    });
    if (verb !== 'ignore' || codes.length === 0) {
      mistakes.push(
        wrong('a comment that is not understood', `Write <!-- ${MARK} ignore CODE -->.`),
      );
    }
    for (const code of verb === 'ignore' ? codes : []) {
      if (CODES.has(code)) ignored.add(code);
      else mistakes.push(wrong(`there is no rule '${code}' to ignore`, unknownHint(code)));
    }
  }
  return [...issues, ...mistakes].filter(({ code }) => !ignored.has(code)).toSorted(byLocation);
}

const CODES: ReadonlySet<string> = new Set(validationRules.map(({ code }) => code));

function unknownHint(code: string): string | undefined {
  const near = nearMiss(code, CODES);
  return near === undefined ? undefined : `did you mean ${near}?`;
}
