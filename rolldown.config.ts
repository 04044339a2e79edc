import { resolve } from 'node:path';
import type { BuildOptions, ChunkingContext } from 'rolldown';
import { notices } from './rolldown.notices.ts';
import { withCompiledSchemas } from './rolldown.schemas.ts';

/** What a command loads to read a host; opening a file of its own for each part would cost a listing a fifth of its time. */
const READING = ['src/remote/connect.ts', 'src/cli/commands/list.ts', 'src/host/sysfs/host.ts'];

/** Whether a module is needed to read a host, and not by every command anyway. */
function isForReading(id: string, context: ChunkingContext): boolean {
  return reached(READING, context).has(id) && !reached(['src/cli/bin.ts'], context).has(id);
}

/** Some modules and all that they import, at once or through others. */
function reached(files: readonly string[], context: ChunkingContext): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (id: string): void => {
    if (found.has(id)) return;
    found.add(id);
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) visit(imported);
  };
  for (const file of files) visit(resolve(file));
  return found;
}

const config: BuildOptions = {
  input: 'src/cli/bin.ts',
  platform: 'node',
  external: ['koffi'],
  logLevel: 'warn',
  // Faults belong to what simulated hosts load; other hosts load neither, so the import that is dynamic is to stay so.
  checks: { ineffectiveDynamicImport: false },
  preserveEntrySignatures: false,
  plugins: [withCompiledSchemas, notices('licenses.txt')],
  // yargs does not say that its unused half can go.
  treeshake: { moduleSideEffects: false },
  output: {
    dir: 'dist/cli',
    format: 'esm',
    // Smaller, but with names: the stack of a defect is for people.
    minify: { compress: true, mangle: false, codegen: true },
    cleanDir: true,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        {
          debugName: 'reading',
          name: (id, context) => (isForReading(id, context) ? 'reading' : null),
        },
      ],
    },
  },
};

export default config;
