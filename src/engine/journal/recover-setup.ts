import { NodedevError } from '../../errors.ts';
import type { Context } from '../context.ts';
import { restoreSetup } from '../setup/set-up.ts';
import { cardName, readSetup } from '../setup/setup-state.ts';
import type { OpenEntry, SetupIntent } from './journal.ts';

/**
 * Sets a card up as it was before an interrupted operation. After another boot only what stays over it may be other than before,
 * which is told: turning it back would need the functions off that the boot may have turned on. What a program refuses is told,
 * too, and stops no other change.
 */
export async function recoverSetup(
  { host }: Context,
  entry: OpenEntry,
  { card: address, before }: SetupIntent,
  { changed, left }: { readonly changed: string[]; readonly left: string[] },
): Promise<void> {
  const name = cardName(address);
  const card = host.setupCard(address);
  if (before === undefined || card === undefined) return;
  if (entry.boot !== host.bootId()) {
    const { state } = readSetup(host, card);
    const { setup } = card.driver;
    if (state === undefined || setup === undefined || state.mig === before.mig) return;
    const step = { do: 'mig', on: before.mig === true } as const;
    const { program, args } = setup.command(address, step);
    left.push(
      `${name} had ${setup.words(step)}: \`${[program, ...args].join(' ')}\` while its functions are off`,
    );
    return;
  }
  try {
    if (await restoreSetup(host, address, before)) changed.push(name);
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    left.push(`${name} is not set up as it was: ${error.message}`);
  }
}
