import type { EtcdClient } from '../etcd/client.ts';
import type { Arguments } from './command.ts';
import { UsageError } from './failures.ts';
import { readInput } from './files.ts';
import type { Io } from './io.ts';
import * as messages from './messages.ts';
import { dryRunOption, readonlyOption, textOption } from './options.ts';

const etcd = textOption('etcd', "etcd's members", {
  placeholder: 'URL[,URL…]',
  required: true,
  completion: [],
});
const ca = textOption('etcd-ca', 'certificates that sign those of etcd, in PEM', {
  placeholder: 'FILE',
});
const cert = textOption('etcd-cert', 'the certificate that etcd knows us by', {
  placeholder: 'FILE',
});
const key = textOption('etcd-key', 'the key of that certificate', { placeholder: 'FILE' });
const user = textOption(
  'etcd-user',
  "user of etcd; the password is in VIRT_NODEDEV_ETCD_PASSWORD, not among a process's words",
  { placeholder: 'NAME', completion: [] },
);

/** Of every command that speaks with etcd. */
export const etcdOptions = [etcd, ca, cert, key, user] as const;

/** A client of the etcd that the options name. */
export async function openEtcd(args: Arguments, io: Io): Promise<EtcdClient> {
  const { EtcdClient: Client } = await import('../etcd/client.ts');
  const text = async (file: string | undefined): Promise<string | undefined> =>
    file === undefined ? undefined : Buffer.from(await readInput(io, file)).toString();
  const name = args.get(user);
  const password = io.env['VIRT_NODEDEV_ETCD_PASSWORD'];
  if (name !== undefined && password === undefined) throw new UsageError(messages.noEtcdPassword);
  return new Client({
    endpoints: (args.get(etcd) ?? '').split(','),
    tls: {
      ca: await text(args.get(ca)),
      cert: await text(args.get(cert)),
      key: await text(args.get(key)),
    },
    user: name === undefined || password === undefined ? undefined : { name, password },
  });
}

/** As {@link withEtcd}, for what changes etcd. @throws NodedevError `read-only` with `-r`, but for a dry run */
export async function changeEtcd<T>(
  args: Arguments,
  io: Io,
  run: (client: EtcdClient) => Promise<T>,
): Promise<T> {
  if (args.get(readonlyOption) && !args.get(dryRunOption)) {
    const { readOnly } = await import('../reservations/messages.ts');
    throw readOnly();
  }
  return withEtcd(args, io, run);
}

/** Runs what needs etcd, and closes the client. */
export async function withEtcd<T>(
  args: Arguments,
  io: Io,
  run: (client: EtcdClient) => Promise<T>,
): Promise<T> {
  const client = await openEtcd(args, io);
  try {
    return await run(client);
  } finally {
    client.close();
  }
}
