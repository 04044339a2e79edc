import { type Issue, NodedevError } from '../../errors.ts';

/** The sentences about devices that are served to VMs. */

const attachFailed = (message: string, hint: string): NodedevError =>
  new NodedevError('attach-failed', message, { hint });

export const attachInMemory = (): NodedevError =>
  attachFailed(
    'the devices of a host in memory cannot be attached',
    "make one in a directory: `initSimulatedHost('DIR', 'NAME')`",
  );

export const attachInactive = (device: string): NodedevError =>
  new NodedevError('device-inactive', `Device '${device}' is not active`, {
    hint: `\`start('${device}')\``,
  });

export const attachWithoutModel = (device: string, type: string): NodedevError =>
  attachFailed(
    `Device '${device}' of type '${type}' cannot be attached: only what tools see of it is simulated`,
    'those of the profile `kernel-samples` work in a VM',
  );

export const attachedAlready = (device: string, pid: number): NodedevError =>
  new NodedevError('in-use', `Device '${device}' is attached already, by process ${pid}`, {
    hint: `end that process: kill ${pid}`,
  });

export const socketTooLong = (path: string, bytes: number, shorter: string): NodedevError =>
  attachFailed(
    `the socket's path has ${bytes} bytes, and 107 is the most there can be: ${path}`,
    `name a folder with a shorter path with the option \`socketDir\`: ${shorter}`,
  );

export const socketFolderShared = (folder: string, why: string): NodedevError =>
  attachFailed(
    `${folder} is no folder for sockets: ${why}`,
    'name one with the option `socketDir` that nobody else may write to, or that is not there yet',
  );

export const socketThere = (path: string): NodedevError =>
  attachFailed(
    `${path} is there already`,
    'remove it, or name another folder with the option `socketDir`',
  );

export const attachNeedsDescriptors = (device: string, reason: string): NodedevError =>
  attachFailed(
    `Device '${device}' has interrupts, which take the package koffi to come to a VM: ${reason}`,
    'npm install koffi, beside virt-nodedev',
  );

export const qemuFailed = (program: string, error: Error): NodedevError =>
  attachFailed(
    `cannot run ${program}: ${error.message}`,
    'name QEMU 10.1 or later with the option `qemu`',
  );

export const domainIsVm = (domain: string, holder: string): NodedevError =>
  new NodedevError(
    'in-use',
    `Unable to stop domain '${domain}': a VM has its devices open, ${holder}`,
    {
      hint: 'end that process: the devices are closed with it',
    },
  );

/** What a domain has and its VM has not. */
export const domainParts = (domain: string, leftOut: readonly string[]): Issue => ({
  code: 'element-ignored',
  severity: 'warning',
  message: `the VM of domain '${domain}' is without what it does not need for its devices: ${leftOut.join(', ')}`,
});

/** A client that was not let in, or was disconnected. */
export const clientRefused = (device: string, error: unknown): Issue => {
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'attach-failed',
    severity: 'warning',
    message: `a client of device '${device}' was disconnected: ${message}`,
    hint: error instanceof NodedevError ? error.hint : undefined,
  };
};
