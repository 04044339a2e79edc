import type { RuleExample } from '../../engine/validate/examples/example.ts';
import { ruleExamples } from '../../engine/validate/examples/index.ts';
import { type ValidationRule, validationRules } from '../../engine/validate/rules.ts';
import type { Command } from '../command.ts';
import { ruleCodes, unknownRule } from '../rule-codes.ts';
import { jsonOption, textOption } from '../options.ts';
import { formatTable } from '../table.ts';

const code = textOption('code', 'one rule in full; all rules when absent', {
  completion: ruleCodes,
});

/** What comes behind so many characters of an example's line is left out. */
const MOST_COLUMNS = 160;

export const command: Command = {
  arguments: [code],
  options: [jsonOption],
  examples: [
    ['rules', 'all that validate looks for'],
    ['rules ramfb-without-display', 'one rule, and where it comes from'],
  ],

  run({ args, output }) {
    const wanted = args.get(code);
    const rules = validationRules.filter((rule) => wanted === undefined || rule.code === wanted);
    const [rule] = rules;
    if (rule === undefined) throw unknownRule(wanted ?? '');
    output.report(
      'rules',
      { rules: wanted === undefined ? rules : rules.map(withExample) },
      (_, room) =>
        wanted === undefined
          ? formatTable(
              ['Code', 'Severity', 'Rule'],
              rules.map((one) => [one.code, one.severity, one.summary]),
              room,
            )
          : ruleText(rule, ruleExamples[rule.code]),
    );
    return Promise.resolve();
  },
};

function withExample(rule: ValidationRule): ValidationRule & Partial<RuleExample> {
  return { ...rule, ...ruleExamples[rule.code] };
}

function ruleText(rule: ValidationRule, example: RuleExample | undefined): string {
  const facts = [
    ['Code:', rule.code],
    ['Severity:', rule.severity],
    ['Rule:', rule.summary],
    ['Why:', example?.why],
    ['Source:', rule.source],
    ['When:', example?.given],
  ];
  const documents = [
    ['Wrong:', example?.wrong],
    ['Right:', example?.right],
  ];
  return [
    ...facts.flatMap(([label = '', value]) =>
      value === undefined ? [] : [`${label.padEnd(15)} ${value}\n`],
    ),
    ...documents.flatMap(([label = '', text]) =>
      text === undefined ? [] : [`\n${label}\n\n${exampleLines(text)}`],
    ),
  ].join('');
}

function exampleLines(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.length > MOST_COLUMNS ? `${line.slice(0, MOST_COLUMNS)}…` : line))
    .map((line) => `    ${line}\n`)
    .join('');
}
