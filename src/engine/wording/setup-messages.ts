import type { SetupRefusal } from '../../drivers/card-setup.ts';
import { type Location, NodedevError } from '../../errors.ts';
import type { SetupCard } from '../../host/host.ts';
import { nodeDeviceName } from '../../nodedev/names.ts';

// The sentences about setting cards up.

export const programMissing = (program: string): string => `${program} is not there`;

export function setupUnknown(card: string, location?: Location): NodedevError {
  return new NodedevError('setup-refused', `'${card}' is no GPU that can be set up`, {
    location,
    hint: "it is the physical function of a GPU, with SR-IOV and bound to the vendor's driver",
  });
}

export function setupRefused(
  card: string,
  what: string,
  { says, next }: Pick<SetupRefusal, 'says' | 'next'>,
  location?: Location,
): NodedevError {
  return new NodedevError('setup-refused', `Unable to set up '${card}' (${what}): ${says}`, {
    location,
    hint: next,
  });
}

export function setupInUse(
  card: string,
  devices: readonly string[],
  location?: Location,
): NodedevError {
  const shown = devices.slice(0, 4).join(', ');
  const rest = devices.length > 4 ? ` and ${devices.length - 4} more` : '';
  return new NodedevError('in-use', `'${card}' has devices: ${shown}${rest}`, {
    location,
    hint: 'it can only be set up so while it has none: destroy them first',
  });
}

export function setupTimeout(card: string, what: string, seconds: number): NodedevError {
  return new NodedevError(
    'host-timeout',
    `'${card}' is not set up within ${seconds} s: ${what} is not to be seen, although the program said nothing against it`,
    { hint: 'the kernel log says what its driver did: `dmesg | tail -n 20`' },
  );
}

export function parentsTimeout(name: string, missing: string, seconds: number): NodedevError {
  return new NodedevError('timeout', `'${name}' is not ready after ${seconds} s: ${missing}`, {
    hint: 'the service that turns on virtual functions or makes GPU instances may not have run yet; `dmesg | tail -n 20` shows what its driver did',
  });
}

/** A device or type of a card whose virtual functions are off. */
export function functionsOff(
  { address, driver }: Pick<SetupCard, 'address' | 'driver'>,
  location?: Location,
): NodedevError {
  const name = nodeDeviceName('pci', address);
  const command = driver.setup?.command(address, { do: 'functions', on: true });
  const byHand = command && `\`${[command.program, ...command.args].join(' ')}\`, or `;
  return new NodedevError('parent-unknown', `the virtual functions of '${name}' are off`, {
    location,
    hint: `the devices are on them: turn them on first, with ${byHand ?? ''}a <device> of the GPU in a desired state`,
  });
}
