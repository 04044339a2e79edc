import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** A program's text, TypeScript that imports from `src/`, as one file a bare Node runs. */
export async function buildProgram(folder: string, text: string): Promise<string> {
  const source = join(folder, 'program.ts');
  const file = join(folder, 'program.mjs');
  writeFileSync(source, text);
  const bundle = await rolldown({ input: source, platform: 'node', logLevel: 'silent' });
  await bundle.write({ file, codeSplitting: false });
  await bundle.close();
  return file;
}
