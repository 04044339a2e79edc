import { printable } from '../../terminal-text.ts';
import { NodedevError } from '../../errors.ts';

/** What a driver must not be made of: Node follows an address, and only an address, from a module that has none itself. */
const ADDRESS = /\b(?:from|import)\s*\(?\s*(?<quote>['"`])(?!node:)[a-z][a-z0-9+.-]*:/u;

/**
 * Runs a driver's text as an ES module, and returns its export `driver`. It is one file: it can import modules of Node and
 * nothing else, neither by a path nor from a package, because these would be files nobody has looked at.
 *
 * @param path for messages
 * @throws NodedevError `driver-invalid`
 */
export async function loadModule(text: Uint8Array, path: string): Promise<object> {
  const source = new TextDecoder().decode(text);
  if (ADDRESS.test(source)) throw invalid(path, 'it imports by an address');
  const address = `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`;
  let exported: unknown;
  try {
    const module: unknown = await import(/* @vite-ignore */ address);
    exported = typeof module === 'object' && module !== null && Reflect.get(module, 'driver');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const isImport = code === 'ERR_UNSUPPORTED_RESOLVE_REQUEST' || code === 'ERR_MODULE_NOT_FOUND';
    const says = why
      .replaceAll(address, path)
      .replaceAll(/data:text\/javascript;base64,\S*/gu, path);
    throw invalid(path, isImport ? `it imports another file: ${says}` : says, cause);
  }
  if (typeof exported === 'object' && exported !== null) return exported;
  throw invalid(path, "it exports no 'driver'");
}

function invalid(path: string, problem: string, cause?: unknown): NodedevError {
  return new NodedevError(
    'driver-invalid',
    printable(`The driver ${path} cannot be run: ${problem}`),
    {
      hint: 'a driver is one file that exports `driver` and imports modules of Node (`node:…`) only; samples/drivers has an example',
      cause,
    },
  );
}
