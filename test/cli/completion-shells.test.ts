import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
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

/** A folder with the script, a file, and a command that completes as ours and else says what it was called with. */
function folderFor(shell: Shell): { readonly folder: string; readonly env: NodeJS.ProcessEnv } {
  const folder = temporaryFolder();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'virt-nodedev'),
    `#!/bin/sh\n[ "$1" = __complete ] || { echo "called: $* <"; exit; }\nexec '${process.execPath}' '${builtCommand}' "$@"\n`,
  );
  chmodSync(join(bin, 'virt-nodedev'), 0o755);
  writeFileSync(join(folder, 'script'), completionScripts[shell]);
  writeFileSync(join(folder, 'a-file.xml'), '');
  return {
    folder,
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: folder, TERM: 'xterm', HISTFILE: '' },
  };
}

function ask(shell: Shell, line: string): readonly string[] {
  const { folder, env } = folderFor(shell);
  const flags = shell === 'zsh' ? ['-f'] : [];
  const answer = execFileSync(shell, [...flags, '-c', ASK[shell](line)], {
    cwd: folder,
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return answer
    .split('\n')
    .filter((each) => each !== '' && !['bin', 'bin/', 'script'].includes(each));
}

/** How a shell is started on a terminal, and made ready. */
const START: Readonly<Record<Shell, readonly [words: string, ready: string]>> = {
  bash: ['bash --norc -i', ''],
  zsh: ['zsh -f -i', 'autoload -Uz compinit; compinit -u -D; '],
  fish: ['fish --no-config -i', ''],
};

/** What a command is called with when these keys are pressed in a shell on a terminal. */
async function press(shell: Shell, keys: string): Promise<string> {
  const { folder, env } = folderFor(shell);
  const [words, ready] = START[shell];
  const terminal = spawn('script', ['-qfc', words, '/dev/null'], { cwd: folder, env });
  onTestFinished(() => void terminal.kill('SIGKILL'));
  let shown = '';
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  // What is typed is echoed, so that it must not look like what is waited for.
  terminal.stdin.write(`${ready}source ./script; echo rea''dy.\n`);
  await vi.waitUntil(() => shown.includes('ready.'), { timeout: 60_000 });
  terminal.stdin.write(`${keys}\r`);
  const called = /called: (.*?)\s*</u;
  await vi.waitUntil(() => called.test(shown), { timeout: 60_000 });
  terminal.stdin.write('exit\r');
  await once(terminal, 'close');
  return called.exec(shown)?.[1] ?? '';
}

const isOnTerminal = spawnSync('script', ['--version']).error === undefined;

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
      expect(wordsOf('mdevctl help st')).toEqual(['start', 'stop']);
      expect(wordsOf('mdevctl start --jsonfile ')).toEqual(['a-file.xml']);
      expect(wordsOf('mdevctl modify --value ')).toEqual([]);
    },
    120_000,
  );

  it.skipIf(isMissing || !isOnTerminal)(
    `completes what is typed on a terminal (skipped where there is no ${shell}, or no script)`,
    async () => {
      expect(await press(shell, 'virt-nodedev sim re\t')).toBe('sim reset');
      const begun = '-c test:///default mdevctl start --par\t0000:87\t--ty\tnvidia-210\t';
      expect(await press(shell, `virt-nodedev ${begun}`)).toBe(
        '-c test:///default mdevctl start --parent 0000:87:00.0 --type nvidia-210',
      );
    },
    240_000,
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
