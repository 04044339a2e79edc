import { isUtf8 } from 'node:buffer';
import { NodedevError } from '../errors.ts';
import { type DomainOutline, outlineOfDomain } from './domain-outline.ts';

export interface HookDomainOptions {
  /** The XML's name in messages; default `the domain`. */
  readonly file?: string | undefined;
  /** The domain libvirt names as the hook's argument. */
  readonly guest?: string | undefined;
}

/**
 * Reads the domain that libvirt passes to its hook script. It must be complete, and the one that libvirt names: otherwise a
 * domain could start unguarded. Only its name, uuid and host devices are read.
 *
 * @throws NodedevError `domain-invalid`
 */
export function readHookDomain(
  text: string | Uint8Array,
  { file = 'the domain', guest }: HookDomainOptions = {},
): DomainOutline {
  const domain = outlineOfDomain(decode(text, file));
  if (domain === undefined) throw refused(file, 'no whole domain XML');
  if (guest !== undefined && domain.name !== guest) {
    throw refused(file, `the XML is of domain '${domain.name}', not of '${guest}'`);
  }
  return domain;
}

/**
 * As {@link readHookDomain}, before the domain starts: its mediated devices must be readable.
 *
 * @throws NodedevError `domain-invalid`
 */
export function readStartingDomain(
  text: string | Uint8Array,
  options: HookDomainOptions = {},
): DomainOutline {
  const domain = readHookDomain(text, options);
  if (domain.unclear !== undefined) {
    const what = `the <hostdev> of line ${domain.unclear} does not say which device it is`;
    throw refused(options.file ?? 'the domain', what);
  }
  return domain;
}

function decode(text: string | Uint8Array, file: string): string {
  if (text.length === 0) throw refused(file, 'empty');
  if (typeof text === 'string') return text;
  if (!isUtf8(text)) throw refused(file, 'not UTF-8');
  return Buffer.from(text).toString();
}

function refused(file: string, why: string): NodedevError {
  return new NodedevError('domain-invalid', `${file}: ${why}`, {
    hint: 'libvirt gives the XML to its hook scripts on standard input',
  });
}
