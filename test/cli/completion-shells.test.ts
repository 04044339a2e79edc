import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { completionScripts } from '../../src/cli/completion-scripts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { builtCommand } from './built-command.ts';

type Shell = keyof typeof completionScripts;

/**
 * How each shell is asked for what follows a line. bash and zsh are asked through the script's function, with what the shell
 * would give it; a zsh with all its widgets needs a terminal.
 */
const ASK: Readonly<Record<Shell, (line: string) => string>> = {
  bash: (line) => `
    source ./script
    COMP_LINE='virt-nodedev ${line}' COMP_POINT=${line.length + 'virt-nodedev '.length}
    compopt() { fallback=no; }
    _virt_nodedev
    for each in "\${COMPREPLY[@]}"; do echo "$each"; done
    [[ \${#COMPREPLY[@]} == 0 && $fallback != no ]] && compgen -f
    true`,
  zsh: (line) => `
    compdef() { : }
    _files() { print -l * }
    _describe() { print -l "\${(@P)3}" }
    source ./script
    words=(virt-nodedev "\${(@s: :):-${line}}")
    CURRENT=$#words
    _virt_nodedev`,
  fish: (line) => `source ./script; complete -C 'virt-nodedev ${line}'`,
};

function ask(shell: Shell, line: string): readonly string[] {
  const folder = temporaryFolder();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'virt-nodedev'),
    `#!/bin/sh\nexec '${process.execPath}' '${builtCommand}' "$@"\n`,
  );
  chmodSync(join(bin, 'virt-nodedev'), 0o755);
  writeFileSync(join(folder, 'script'), completionScripts[shell]);
  writeFileSync(join(folder, 'a-file.xml'), '');
  const flags = shell === 'zsh' ? ['-f'] : [];
  const answer = execFileSync(shell, [...flags, '-c', ASK[shell](line)], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return answer
    .split('\n')
    .filter((each) => each !== '' && !['bin', 'bin/', 'script'].includes(each));
}

const TYPES = ['nvidia-20', 'nvidia-21', 'nvidia-22', 'nvidia-210', 'nvidia-238'];

describe.each(['bash', 'zsh', 'fish'] as const)('%s', (shell) => {
  const isMissing = spawnSync(shell, ['--version']).error !== undefined;

  it.skipIf(isMissing)(
    `completes (skipped where there is no ${shell})`,
    () => {
      const wordsOf = (line: string): readonly string[] =>
        ask(shell, line).map((each) =>
          each.replace(/(?:\t|(?<!\\):(?!\/|$)).*/u, '').replace('\\', ''),
        );
      expect(wordsOf('gro')).toEqual(['group']);
      expect(wordsOf('__')).toEqual([]);
      // A command for programs is not offered, files where they are of use only.
      expect(wordsOf('')).not.toContain('__complete');
      expect(wordsOf('create ')).toEqual(['a-file.xml']);
      expect(wordsOf('dumpxml x --xpath ')).toEqual([]);
      expect(wordsOf('-c test:///default explain nvidia-2')).toEqual(TYPES);
      expect(wordsOf('-c test:///default info pci_0000_86')).toEqual(['pci_0000_86_00_0']);
    },
    120_000,
  );

  it.skipIf(isMissing || shell === 'bash')(
    `says what each is (skipped where there is no ${shell})`,
    () => {
      expect(ask(shell, 'sim re')).toEqual([
        `reset${shell === 'fish' ? '\t' : ':'}Reboot a simulated host`,
      ]);
    },
    120_000,
  );
});
