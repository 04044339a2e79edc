import type { Driver } from './driver.ts';

/** A profile's driver that is a file beside the profile: `./my-driver.mjs`. */
const MODULE = /^\.\/[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.mjs$/;

export const isModuleName = (driver: string): boolean => MODULE.test(driver);

const refuse = (): string => 'ENODEV';

const placeholders = new WeakSet<Driver>();

/** Stands for the driver in a file that was not run: its cards show what their files say, and nothing is created on them. */
export function notLoaded(module: string): Driver {
  const driver: Driver = {
    name: module,
    module,
    mdevDriver: module.slice('./'.length),
    subsystem: 'pci',
    settings: [],
    available: () => 0,
    refusal: refuse,
    share: () => 1,
    explain: () => ({
      available: 0,
      maximum: 0,
      confidence: 'upper-bound',
      rule: `The driver ${module} is not run.`,
      blockedBy: [],
    }),
    attributes: () => [],
    deviceAttributes: () => [],
    hotplugRefusal: refuse,
    guestPci: () => undefined,
  };
  placeholders.add(driver);
  return driver;
}

export const isNotLoaded = (driver: Driver): boolean => placeholders.has(driver);
