import { bytes, checkArguments, optionalText, optionsOf, type ShapesOf } from '../arguments.ts';
import type { Fleet } from './fleet.ts';
import { notText } from './messages.ts';

export interface ParseFleetOptions {
  /** The file's name: for messages, and `.yml` and `.yaml` are YAML. */
  readonly file?: string | undefined;
}

const ARGUMENTS = [bytes, optionsOf({ file: optionalText } satisfies ShapesOf<ParseFleetOptions>)];

/**
 * Reads the hosts of a fleet: our `<fleet>`, an Ansible inventory (INI or YAML; its groups are labels), or ssh's configuration
 * (the names of `Host` that are no patterns). Which of them it is, the text says.
 *
 * @throws NodedevError `fleet-invalid`, and the reader's `xml-…`
 */
export async function parseFleet(
  text: string | Uint8Array,
  options: ParseFleetOptions = {},
): Promise<Fleet> {
  checkArguments('parseFleet', ARGUMENTS, [text, options]);
  const { file } = options;
  const read = decoded(text, file);
  switch (formOf(read, file)) {
    case 'xml':
      return (await import('./fleet-xml.ts')).parseFleetXml(text, file);
    case 'yaml':
      return (await import('./ansible-yaml.ts')).parseAnsibleYaml(read, file);
    case 'ssh':
      return (await import('./ssh-config.ts')).parseSshConfig(read, file);
    case 'ini':
      return (await import('./ansible-ini.ts')).parseAnsibleIni(read, file);
  }
}

type Form = 'xml' | 'yaml' | 'ssh' | 'ini';

function formOf(text: string, file = ''): Form {
  if (/^\s*</u.test(text)) return 'xml';
  // JSON is YAML.
  if (/\.(?:ya?ml|json)$/iu.test(file) || /^\s*\{/u.test(text)) return 'yaml';
  const lines = text.split('\n').filter((line) => !/^\s*(?:[#;]|$)/u.test(line));
  const isIni = lines.some((line) => line.startsWith('['));
  if (!isIni && lines.some((line) => /^\s*(?:host|match)[\s=]/iu.test(line))) return 'ssh';
  return /^(?:---|[\w."'-]+:)\s*(?:#.*)?$/u.test(lines[0]?.trimEnd() ?? '') ? 'yaml' : 'ini';
}

function decoded(text: string | Uint8Array, file: string | undefined): string {
  if (typeof text === 'string') return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(text);
  } catch (cause) {
    throw notText(file, cause);
  }
}
