import { readSampleProfile } from '../../src/host/simulated/samples.ts';

/** A sample profile whose cards all have one more setting. */
export function profileWith(name: string, setting: string, value: string): string {
  const text = readSampleProfile(name);
  return text.replaceAll(/<card [^>]*>/g, `$&<setting name='${setting}' value='${value}'/>`);
}
