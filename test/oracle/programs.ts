import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian's package libvirt0 puts libvirt's schemas. */
export const libvirtSchemas = '/usr/share/libvirt/schemas';

/**
 * Whether a file or program is there. A missing one is named with the package it comes from, and the tests that
 * need it are skipped; with CI=true that is an error, so that no run in CI compares nothing.
 */
export function isInstalled(what: string, debianPackage: string): boolean {
  const places = what.startsWith('/')
    ? [what]
    : (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, what));
  if (places.some((place) => existsSync(place))) return true;
  const reason = `${what} is not installed (Debian package ${debianPackage})`;
  if (process.env['CI'] === 'true') throw new Error(`${reason}; with CI=true it is required`);
  process.stdout.write(`skipped: ${reason}\n`);
  return false;
}

/** The files of a list that a validator finds invalid. */
export type Oracle = (schema: string, files: readonly string[]) => ReadonlySet<string>;

/** The reference implementation. `-i`: does not check ids, as RELAX NG itself does not. */
export const jing: Oracle = (schema, files) => {
  const { stdout, status } = run('jing', ['-i', schema, ...files]);
  const invalid = new Set<string>();
  for (const line of stdout.split('\n')) {
    const [, file, kind] = /^(.*?):\d+:\d+: (error|fatal):/u.exec(line) ?? [];
    if (kind === 'fatal' || file === schema) throw new Error(line);
    if (file !== undefined) invalid.add(file);
  }
  if (status !== (invalid.size > 0 ? 1 : 0))
    throw new Error(`jing ended with ${status}: ${stdout}`);
  return invalid;
};

/** libxml2, which libvirt itself uses. */
export const xmllint: Oracle = (schema, files) => {
  const { stderr } = run('xmllint', ['--noout', '--relaxng', schema, ...files]);
  const invalid = new Set<string>();
  const known = new Set(files);
  let verdicts = 0;
  for (const line of stderr.split('\n')) {
    const [, file, verdict] = /^(.*) (validates|fails to validate)$/u.exec(line) ?? [];
    if (file === undefined || !known.has(file)) continue;
    verdicts += 1;
    if (verdict === 'fails to validate') invalid.add(file);
  }
  if (verdicts !== files.length) throw new Error(`xmllint gave ${verdicts} verdicts: ${stderr}`);
  return invalid;
};

/** The files libxml2 finds not well-formed; what only the namespaces specification forbids does not count. */
export function malformedForXmllint(files: readonly string[]): ReadonlySet<string> {
  const { stderr } = run('xmllint', ['--noout', ...files]);
  const malformed = new Set<string>();
  for (const line of stderr.split('\n')) {
    const [, file, kind] = /^(\/.*?\.xml):\d+: (.*?) error : /u.exec(line) ?? [];
    if (file !== undefined && kind !== 'namespace') malformed.add(file);
  }
  return malformed;
}

function run(
  program: string,
  parameters: readonly string[],
): { readonly stdout: string; readonly stderr: string; readonly status: number | null } {
  const { stdout, stderr, status, error } = spawnSync(program, parameters, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) throw error;
  return { stdout, stderr, status };
}
