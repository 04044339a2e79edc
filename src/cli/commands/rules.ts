import { validationRules } from '../../engine/validate/rules.ts';
import type { Command } from '../command.ts';
import { ruleCodes, unknownRule } from '../rule-codes.ts';
import { jsonOption, textOption } from '../options.ts';
import { formatTable } from '../table.ts';

const code = textOption('code', 'one rule in full; all rules when absent', {
  completion: ruleCodes,
});

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
    output.report({ rules }, () =>
      wanted === undefined
        ? formatTable(
            ['Code', 'Severity', 'Rule'],
            rules.map((one) => [one.code, one.severity, one.summary]),
          )
        : [
            ['Code:', rule.code],
            ['Severity:', rule.severity],
            ['Rule:', rule.summary],
            ['Source:', rule.source],
          ]
            .map(([label = '', value = '']) => `${label.padEnd(15)} ${value}\n`)
            .join(''),
    );
    return Promise.resolve();
  },
};
