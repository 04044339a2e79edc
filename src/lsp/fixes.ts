import { type CodeAction, CodeActionKind, type Range } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Fix, Issue } from '../errors.ts';
import { attributeSpans, pastMarkup, pastName } from '../xml/markup.ts';
import {
  attributeRemoval,
  attributeSetting,
  elementRemoval,
  endTagOf,
  type TextEdit,
} from '../xml/text-edits.ts';
import { escapeAttribute } from '../xml/write.ts';
import { type Found, touches } from './diagnostics.ts';
import { editsIn, offsetsIn } from './places.ts';

/** What mends a finding of a well-formed text. */
export interface QuickFix {
  /** What it does, for a menu. */
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** What mends the findings that touch a range. */
export function fixesIn(
  range: Range,
  findings: readonly Found[],
  document: TextDocument,
): readonly CodeAction[] {
  return findings
    .filter(({ diagnostic }) => touches(diagnostic.range, range))
    .flatMap(({ issue, diagnostic }) => {
      const fix = quickFix(issue, document.getText());
      if (fix === undefined) return [];
      return {
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic],
        isPreferred: true,
        edit: { changes: { [document.uri]: editsIn(document, fix.edits) } },
      };
    });
}

/** What mends a finding; undefined: somebody has to decide, or the place is not written as the fix takes it. */
export function quickFix({ fix, location }: Issue, text: string): QuickFix | undefined {
  if (fix === undefined || location === undefined) return undefined;
  const offset = offsetsIn(text)(location);
  const edits = editsOf(fix, text, offset);
  return edits.includes(undefined)
    ? undefined
    : { title: titleOf(fix, text, offset), edits: edits.filter((edit) => edit !== undefined) };
}

function titleOf(fix: Fix, text: string, offset: number): string {
  const written = text.slice(offset, pastName(text, offset + 1));
  switch (fix.kind) {
    case 'name':
      return text[offset] === '<' ? `Change to <${fix.name}>` : `Change to ${fix.name}`;
    case 'value':
      return `Change to '${fix.value}'`;
    case 'attribute':
      return `Write ${fix.name}='${fix.value}'`;
    case 'removal':
      return `Remove ${written}${written.startsWith('<') ? '>' : ''}`;
  }
}

function editsOf(fix: Fix, text: string, offset: number): readonly (TextEdit | undefined)[] {
  const isElement = text[offset] === '<';
  const open = text.lastIndexOf('<', offset);
  const span = attributeSpans(text, open).find(({ start }) => start === offset);
  switch (fix.kind) {
    case 'name':
      if (isElement) return renamed(text, offset, fix.name);
      return [span && { start: offset, end: span.nameEnd, text: fix.name }];
    case 'value':
      return [
        span === undefined ? textValue(text, offset, fix.value) : value(text, span, fix.value),
      ];
    case 'attribute':
      return [attributeSetting(text, open, fix.name, escapeAttribute(fix.value))];
    case 'removal':
      if (isElement) return [removal(text, offset)];
      return [span && attributeRemoval(text, open, text.slice(offset, span.nameEnd))];
  }
}

function renamed(text: string, open: number, name: string): readonly TextEdit[] {
  const start = open + 1;
  const first = { start, end: pastName(text, start), text: name };
  const end = endTagOf(text, open);
  if (end === undefined) return [first];
  return [first, { start: end + 2, end: pastName(text, end + 2), text: name }];
}

/** The new value keeps the quotes. */
function value(
  text: string,
  span: { readonly nameEnd: number; readonly end: number },
  put: string,
): TextEdit {
  const quote = text.charAt(span.end - 1);
  const start = text.indexOf(quote, span.nameEnd) + 1;
  return { start, end: span.end - 1, text: escapeAttribute(put) };
}

/** A text less the white space around it, or all of an element's; written without sections and comments. */
function textValue(text: string, offset: number, put: string): TextEdit | undefined {
  const isElement = text[offset] === '<';
  const start = isElement ? pastMarkup(text, offset) : offset;
  const end = text.indexOf('<', start);
  const isEmpty = isElement && (text[start - 2] === '/' || start === end);
  if (isEmpty || !text.startsWith('</', end)) return undefined;
  const written = text.slice(start, end);
  const less = isElement ? written : written.trimEnd();
  return { start, end: start + less.length, text: escapeAttribute(put) };
}

function removal(text: string, open: number): TextEdit {
  const end = endTagOf(text, open) ?? open;
  return elementRemoval(text, open, pastMarkup(text, end));
}
