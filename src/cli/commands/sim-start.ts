import { resolve } from 'node:path';
import { endAs, withSignalsFor } from '../child.ts';
import type { Arguments, Command } from '../command.ts';
import { UsageError } from '../failures.ts';
import { readSource, sourceName } from '../files.ts';
import * as messages from '../messages.ts';
import { dryRunOption, jsonOption, requiredOption, textOption } from '../options.ts';

const file = requiredOption('file', 'domain XML; - is standard input');
const qemu = textOption('qemu', 'start this QEMU, 10.1 or later, with the devices attached', {
  placeholder: 'PROGRAM',
});
const kernel = textOption('kernel', "with --qemu: instead of the domain's", {
  placeholder: 'FILE',
});
const initrd = textOption('initrd', "with --qemu: instead of the domain's", {
  placeholder: 'FILE',
});
const append = textOption('append', "with --qemu: the kernel's command line", {
  placeholder: 'TEXT',
  completion: [],
});
const socketDir = textOption('socket-dir', 'with --qemu: folder of the sockets', {
  placeholder: 'FOLDER',
});

export const command: Command = {
  changes: true,
  arguments: [file],
  options: [qemu, kernel, initrd, append, socketDir, dryRunOption, jsonOption],
  description:
    'Without --qemu nothing runs: the devices are open, as if the VM did. With it, this is the serial line of the VM, and ends ' +
    'with it. The VM has the name, memory, CPUs and machine of the domain; what else the domain has is told, and left out.',
  examples: [
    ['sim start workstation.xml', 'open what the VM would open'],
    [
      'sim start workstation.xml --qemu qemu-system-x86_64 --kernel vmlinuz --initrd initrd.img',
      'run the VM',
    ],
  ],
  failure: (args) => messages.startFailed(sourceName(args.get(file))),

  async run({ args, io, connect, output }) {
    refuseWithoutQemu(args);
    const source = await readSource(io, args.get(file));
    const connection = await connect();
    const program = args.get(qemu);
    if (program === undefined) {
      const devices = await connection.startDomain(source);
      output.noteChange();
      output.report('sim-start', { devices });
      for (const { name } of devices) output.tell(messages.opened(name));
      return 0;
    }
    const folder = args.get(socketDir);
    const result = await withSignalsFor((onStart) =>
      connection.runDomain(source, {
        qemu: program,
        kernel: args.get(kernel),
        initrd: args.get(initrd),
        append: args.get(append),
        socketDir: folder === undefined ? undefined : resolve(io.cwd, folder),
        onStart,
      }),
    );
    output.printExactly(''); // all output is the VM's
    return endAs(result);
  },
};

function refuseWithoutQemu(args: Arguments): void {
  if (args.get(qemu) !== undefined) {
    // A VM that runs is no rehearsal.
    if (args.get(dryRunOption))
      throw new UsageError(messages.exclusive(qemu.name, dryRunOption.name));
    return;
  }
  const given = [kernel, initrd, append, socketDir].find((each) => args.get(each) !== undefined);
  if (given !== undefined) throw new UsageError(messages.missingOption('sim start', qemu.name));
}
