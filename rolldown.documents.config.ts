import type { BuildOptions, Plugin } from 'rolldown';
import { notices } from './rolldown.notices.ts';
import { compiledSchemas, SCHEMAS_MODULE } from './rolldown.schemas.ts';

/** Modules that are others where there is no Node. */
const WITHOUT_NODE: Readonly<Record<string, () => string>> = {
  // xmlbuilder2 writes the host names of URLs with it, of which our documents have none.
  url: () => `export const domainToASCII = (domain) => new URL('http://' + domain).hostname;
    export const domainToUnicode = domainToASCII;`,
  [SCHEMAS_MODULE]: compiledSchemas,
};

const withoutNode: Plugin = {
  name: 'without-node',
  async resolveId(source, importer, options) {
    const id = (await this.resolve(source, importer, { ...options, skipSelf: true }))?.id ?? source;
    return Object.hasOwn(WITHOUT_NODE, id) ? { id: `\0${id}` } : null;
  },
  load: (id) => WITHOUT_NODE[id.slice(1)]?.(),
};

/** `virt-nodedev/documents` as one file that needs nothing: for browsers and whatever else is not Node. */
const config: BuildOptions = {
  input: 'src/documents.ts',
  platform: 'browser',
  logLevel: 'warn',
  plugins: [withoutNode, notices('documents.bundle.licenses.txt')],
  output: {
    file: 'dist/documents.bundle.js',
    format: 'esm',
    minify: { compress: true, mangle: false, codegen: true },
  },
};

export default config;
