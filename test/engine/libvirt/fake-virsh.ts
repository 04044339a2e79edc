import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/**
 * What the real virsh (12.8) printed, by command: of node devices about a simulated host with the profile `mixed-frameworks` that libvirtd
 * read (test/libvirt/libvirtd.sh), with three mediated devices, of whose 32 functions two are kept; of domains about a host of libvirt's
 * test driver with one domain.
 */
export const recorded = (): Record<string, string> => {
  const file = join(import.meta.dirname, 'recorded.json');
  const answers: Record<string, string> = JSON.parse(readFileSync(file, 'utf8'));
  return answers;
};

/** A program `virsh` in a folder of its own, that says what it was told to say. */
export interface FakeVirsh {
  readonly folder: string;
  /** What it answers from now on, by command. To others it prints what virsh prints when there is no such device, and goes on. */
  says(answers: Readonly<Record<string, string>>): void;
  /** From now on it does this instead. */
  does(script: string): void;
  /** The arguments of each start so far. */
  starts(): readonly (readonly string[])[];
}

export function fakeVirsh(): FakeVirsh {
  const folder = temporaryFolder({ inMemory: true });
  const [program, says, log] = [join(folder, 'virsh'), join(folder, 'says'), join(folder, 'log')];
  let count = 0;
  const write = (text: string): void => {
    writeFileSync(program, text);
    chmodSync(program, 0o755);
  };
  // Its PATH has nothing else. Of several commands it does all, and its exit code is that of the last one.
  write(`#!/bin/sh
    printf '%s\\037' "$@" >> '${log}'
    echo >> '${log}'
    for rest; do :; done
    rest="$rest; "
    while [ -n "$rest" ]; do
      command=\${rest%%; *} rest=\${rest#*; } code=0
      case $command in
        'echo '*) printf %s "\${command#echo }" ;;
        *) if [ -f "${says}/$command" ]; then /bin/cat "${says}/$command"; else
             printf 'error: Could not find matching device\\nerror: Node device not found: none\\n' >&2; code=1
           fi ;;
      esac
    done
    exit $code`);
  writeFileSync(log, '');
  return {
    folder,
    says: (answers) => {
      count += 1;
      const now = join(folder, `says-${count}`);
      mkdirSync(now);
      for (const [command, text] of Object.entries(answers))
        writeFileSync(join(now, command), text);
      symlinkSync(now, `${says}.new`);
      renameSync(`${says}.new`, says); // one that runs sees the old answers or the new ones
    },
    does: (script) => {
      write(`#!${process.execPath}\n${script}`);
    },
    starts: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split('\u001f').slice(0, -1)),
  };
}
