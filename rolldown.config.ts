import { readFileSync } from 'node:fs';
import type { Plugin, BuildOptions } from 'rolldown';

/**
 * The commands import from `src/index.ts` alone, which reaches everything, so that every chunk would load every
 * other. This sends each import to the module that `index.ts` has the name from.
 */
function withoutIndex(): Plugin {
  const index = readFileSync('src/index.ts', 'utf8');
  const origins = new Map(
    [...index.matchAll(/^export \{([^}]*)\} from '(.*)';$/gmu)].flatMap(
      ([, names = '', from = '']) => names.split(',').map((name) => [name.trim(), from] as const),
    ),
  );
  return {
    name: 'without-index',
    transform: {
      filter: { id: /[\\/]src[\\/]cli[\\/]/u },
      handler: (code) =>
        code.replaceAll(
          /^import (?!type)\{([^}]*)\} from '((?:\.\.\/)+)index\.ts';$/gmu,
          (_, names: string, up: string) =>
            names
              .split(',')
              .map((name) => name.trim())
              .filter((name) => name !== '' && !name.startsWith('type '))
              .map((name) => `import { ${name} } from '${up}${origins.get(name) ?? 'index.ts'}';`)
              .join(' '),
        ),
    },
  };
}

const config: BuildOptions = {
  input: 'src/cli/bin.ts',
  platform: 'node',
  logLevel: 'warn',
  plugins: [withoutIndex()],
  // Native code and WebAssembly stay packages.
  external: ['lmdb', 'libxml2-wasm'],
  // yargs does not say that its unused half can go.
  treeshake: { moduleSideEffects: false },
  output: {
    dir: 'dist/cli',
    format: 'esm',
    // Smaller, but with names: the stack of a defect is for people.
    minify: { compress: true, mangle: false, codegen: true },
    cleanDir: true,
  },
};

export default config;
