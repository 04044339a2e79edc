import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { vmArguments } from '../../domain/vm-arguments.ts';
import type { SimulatedHost } from '../../host/simulated/host.ts';
import type { Context } from '../context.ts';
import { functionUuid } from '../devices/functions.ts';
import { lookUpDevice } from '../devices/inventory.ts';
import { oneSource } from '../devices/source-list.ts';
import { devicesFor } from '../ownership/domains.ts';
import type { CommandResult } from '../simulation-options.ts';
import type { SourceText } from '../sources.ts';
import { domainParts, qemuFailed } from '../wording/attach-messages.ts';
import type { RunDomainOptions } from './attachment.ts';
import { attachDevices } from './attach-devices.ts';

/**
 * Starts QEMU for a domain, serves the domain's devices to it, and waits until it ends. What it may have is as when its VM opens
 * them. The VM has the standard streams of this process as its serial line.
 */
export async function runDomain(
  context: Context,
  host: SimulatedHost,
  source: string | SourceText,
  options: RunDomainOptions,
): Promise<CommandResult> {
  const { parseDomain } = await import('../../domain/parse-domain.ts');
  const { text, file } = oneSource(source);
  const { domain, uuids } = await context.store.read((view) => {
    const uuidOf = (device: string) =>
      functionUuid(context, device) ?? lookUpDevice(context, view, device)?.ref.uuid;
    const parsed = parseDomain(text, { file, uuidOf });
    const devices = devicesFor(context, host, view, parsed);
    return { domain: parsed, uuids: devices.map(({ ref }) => ref.uuid) };
  });
  const { kernel, initrd, append, socketDir, signal } = options;
  const attachment = await attachDevices(context, host, uuids, { socketDir, signal });
  try {
    const sockets = new Map(attachment.devices.map(({ uuid, socket }) => [uuid, socket]));
    const boot = { kernel, initrd, append };
    const { words, leftOut } = vmArguments(domain, { sockets, kvm: hasKvm(), ...boot });
    if (leftOut.length > 0) context.report(domainParts(domain.name ?? '', leftOut));
    return await endOf(options, words);
  } finally {
    await attachment.detach();
  }
}

function endOf(
  { qemu, signal, onStart }: RunDomainOptions,
  words: readonly string[],
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(qemu, words, { stdio: 'inherit', signal });
    child.on('error', (error) => {
      if (error.name !== 'AbortError') reject(qemuFailed(qemu, error));
    });
    child.on('exit', (code, killed) => {
      resolve({ exitCode: code ?? undefined, signal: killed ?? undefined });
    });
    if (child.pid !== undefined) onStart?.(child.pid);
  });
}

function hasKvm(): boolean {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
