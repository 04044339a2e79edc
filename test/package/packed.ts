import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder whose `node_modules` has the package as packed, and the packages it depends on. */
    readonly project: string;
  }
}

/** Packs a checkout that nobody has built, and installs the package from it without a registry. */
export function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-package-'));
  const checkout = join(folder, 'checkout');
  for (const file of lines('git', ['ls-files', '--cached', '--others', '--exclude-standard'])) {
    if (existsSync(file)) cpSync(file, join(checkout, file));
  }
  symlinkSync(resolve('node_modules'), join(checkout, 'node_modules'));
  execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: checkout, stdio: 'pipe' });
  const installed = join(folder, 'project/node_modules/virt-nodedev');
  mkdirSync(installed, { recursive: true });
  const [archive = ''] = lines('find', [folder, '-maxdepth', '1', '-name', '*.tgz']);
  execFileSync('tar', ['-xzf', archive, '--strip-components=1', '-C', installed]);
  for (const dependency of [...dependencies(), 'node_modules/@types/node']) {
    const link = join(folder, 'project', dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve(dependency), link);
  }
  provide('project', join(folder, 'project'));
  return () => rmSync(folder, { recursive: true });
}

/** What is installed for whoever uses the package, at the top: what is below comes with it. */
function dependencies(): readonly string[] {
  const lock: { readonly packages: Readonly<Record<string, { readonly dev?: boolean }>> } =
    JSON.parse(readFileSync('package-lock.json', 'utf8'));
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => dev !== true && path.lastIndexOf('node_modules/') === 0)
    .map(([path]) => path)
    .filter((path) => existsSync(path));
}

function lines(program: string, args: readonly string[]): readonly string[] {
  return execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n');
}
