import type { Diagnostic, Hover, Position } from 'vscode-languageserver';
import { ruleExamples } from '../engine/validate/examples/index.ts';
import { validationRules } from '../engine/validate/rules.ts';

/** Why the rules are there that the document breaks at a place, with an example of each done right. */
export function hoverAt(position: Position, diagnostics: readonly Diagnostic[]): Hover | null {
  const here = diagnostics.filter(({ range }) => contains(range, position));
  const texts = here.flatMap(({ code }) => ruleText(String(code)) ?? []);
  const [first] = here;
  if (first === undefined || texts.length === 0) return null;
  return { contents: { kind: 'markdown', value: texts.join('\n\n---\n\n') }, range: first.range };
}

function ruleText(code: string): string | undefined {
  const rule = validationRules.find((one) => one.code === code);
  if (rule === undefined) return undefined;
  const example = ruleExamples[code];
  return [
    `**${code}**: ${rule.summary}`,
    example?.why,
    `Source: ${rule.source}`,
    example?.right === undefined ? undefined : `\`\`\`xml\n${example.right}\n\`\`\``,
  ]
    .filter((part) => part !== undefined)
    .join('\n\n');
}

function contains({ start, end }: Diagnostic['range'], { line, character }: Position): boolean {
  const isAfter = line > start.line || (line === start.line && character >= start.character);
  const isBefore = line < end.line || (line === end.line && character <= end.character);
  return isAfter && isBefore;
}
