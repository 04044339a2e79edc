import { afterAll, describe, it } from 'vitest';
import type { HostDevice } from '../../src/host/host.ts';
import type { SimulatedHost } from '../../src/host/simulated/host.ts';
import { hostContract, type Subject } from './contract.ts';
import { diskHost, memoryHost } from './support/hosts.ts';

function subjectOf(host: SimulatedHost): Subject {
  const hold = (device: HostDevice): (() => void) => {
    host.open([device], { domain: 'guest' });
    return () => host.close({ domain: 'guest' });
  };
  return { host, write: (path, words) => host.write(path, words), hold };
}

const onDisk = diskHost('kernel-samples');
afterAll(() => onDisk.dispose());

hostContract('in memory', subjectOf(memoryHost('kernel-samples')), { describe, it });
hostContract('simulated on disk', subjectOf(onDisk.host), { describe, it });
