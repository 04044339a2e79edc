import { NodedevError } from '../errors.ts';

/** Every sentence of the planner, in one place. */

export const boundByKernel =
  'The rules of this driver are not known, or do not say what the kernel shows; there can only be fewer.';

export function boundBySettings(driver: string): string {
  return `Settings of the ${driver} driver that cannot be read decide; several fit what the kernel shows.`;
}

export function malformedRequest(text: string): NodedevError {
  return new NodedevError('request-invalid', `'${text}' is no request`, {
    hint: 'write TYPE, TYPE*COUNT or TYPE*COUNT@PARENT, for example nvidia-18*2@pci_0000_86_00_0',
  });
}

export function parentNeeded(type: string, parents: readonly string[]): NodedevError {
  return new NodedevError('parent-missing', `'${type}' is offered by ${parents.length} parents`, {
    hint: `name one: ${type}@${parents[0] ?? ''}; they are ${parents.join(', ')}`,
  });
}

export function unknownRules(shown: number): string {
  return `The rules of this driver are not known, or do not say what the kernel shows: ${shown} now.`;
}
