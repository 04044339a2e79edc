import { drivers } from '../../drivers/registry.ts';
import type { Diagnosis } from '../diagnosis.ts';
import type { Tree } from '../tree.ts';
import { hostFacts } from './host-facts.ts';
import { MDEV_BUS, MDEV_DEVICES } from './paths.ts';

/** Looks for the hardware that could have mediated devices, and asks each driver what is missing. */
export function diagnose(tree: Tree): Omit<Diagnosis, 'unread'> {
  const facts = hostFacts(tree);
  return {
    sysfs: ['/sys/bus', '/sys/class', '/sys/devices'].some((path) => facts.exists(path)),
    core: facts.exists(MDEV_DEVICES) || facts.exists(MDEV_BUS),
    frameworks: drivers.flatMap((driver) => driver.frameworks?.(facts) ?? []),
    obstacles: drivers.flatMap((driver) => driver.obstacles?.(facts) ?? []),
  };
}
