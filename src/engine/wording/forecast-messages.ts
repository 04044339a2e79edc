// The sentences of predicted counts.

export const boundByKernel =
  'The rules of this driver are not known, or do not say what the kernel shows; there can only be fewer.';

export function boundBySettings(driver: string): string {
  return `Settings of the ${driver} driver that cannot be read decide; several fit what the kernel shows.`;
}
