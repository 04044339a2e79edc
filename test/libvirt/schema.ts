import { debian } from './debian.ts';

/** One process for all files: changing into the release takes longer than looking at one. */
const SCRIPT = `schema=$1; shift
for file do virt-xml-validate "$file" "$schema" >/tmp/answer 2>&1 || cat /tmp/answer; done`;

/** What the release's `virt-xml-validate` finds wrong with files of its root; empty when there is nothing. */
export function schemaProblems(schema: 'domain' | 'nodedev', files: readonly string[]): string {
  return debian('sh', '-c', SCRIPT, 'sh', schema, ...files);
}
