import { documentExamples } from './documents.ts';
import { domainExamples } from './domains.ts';
import type { RuleExamples } from './example.ts';
import { hostdevExamples } from './hostdevs.ts';

/** An example of every rule of `validationRules`, by its code. */
export const ruleExamples: RuleExamples = {
  ...documentExamples,
  ...hostdevExamples,
  ...domainExamples,
};
