import { readXml } from '../../src/xml/read.ts';
import { errorOf } from './error-of.ts';

/**
 * Where libxml2 is more lenient than the specification, and we are not: behind the root element it reads no further than
 * a NUL, and it takes `1.` for a version number (productions 22 and 26 of XML 1.0).
 */
export function isLibxml2Mistake(text: string): boolean {
  const nul = text.indexOf('\0');
  if (nul !== -1 && errorOf(() => readXml(text.slice(0, nul))) === undefined) return true;
  return /^\uFEFF?<\?xml\s+version\s*=\s*(["'])1\.\1/.test(text);
}
