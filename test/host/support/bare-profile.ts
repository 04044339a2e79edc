import { readSampleProfile } from '../../../src/host/simulated/samples.ts';

/** An L40S whose functions are off at boot. */
export const BARE = readSampleProfile('nvidia-l40s-bare');

/** The same with its first functions only, where every step is tried. */
export const bareProfile = (functions: number): string =>
  BARE.replace(
    new RegExp(`(<card .*?(?:<device>.*?</device>.*?){${functions}})<device>.*(?=</card>)`, 'su'),
    '$1',
  );
