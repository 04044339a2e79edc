import type { Hover, Position } from 'vscode-languageserver';
import { ruleExamples } from '../engine/validate/examples/index.ts';
import { validationRules } from '../engine/validate/rules.ts';
import { type Found, touches } from './diagnostics.ts';

/** Why the rules are there that the document breaks at a place, with an example of each done right. */
export function hoverAt(position: Position, findings: readonly Found[]): Hover | null {
  const at = { start: position, end: position };
  const here = findings.filter(({ diagnostic: { range } }) => touches(range, at));
  const texts = here.flatMap(({ issue }) => ruleText(issue.code) ?? []);
  const [first] = here;
  if (first === undefined || texts.length === 0) return null;
  return {
    contents: { kind: 'markdown', value: texts.join('\n\n---\n\n') },
    range: first.diagnostic.range,
  };
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
