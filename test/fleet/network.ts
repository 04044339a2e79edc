import { execFileSync } from 'node:child_process';

/** A machine of its own on the test's network: programs started with `words` before their own see no other network. */
export interface Machine {
  readonly address: string;
  readonly words: readonly [string, ...string[]];
  /** Pulls its cable: nothing arrives any more, and nobody is told. What was under way is sent again after `mend`. */
  cut(): void;
  mend(): void;
}

const ip = (...words: readonly string[]): void => {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] });
};

/**
 * Makes a switch, which this process is at, and network namespaces with a cable to it.
 * run.sh gives the test a network of its own; undefined: it could not, and said why.
 */
export function networkMachines(): ((number: number) => Machine) | undefined {
  if (process.env['VIRT_NODEDEV_OWN_NETWORK'] !== 'yes') return undefined;
  ip('link', 'add', 'switch', 'type', 'bridge');
  ip('address', 'add', '10.83.0.254/24', 'dev', 'switch');
  ip('link', 'set', 'switch', 'up');
  return (number) => {
    const [name, address] = [`host${number}`, `10.83.0.${number}`];
    const words = ['ip', 'netns', 'exec', name] as const;
    const inside = ['-netns', name];
    ip('netns', 'add', name);
    ip('link', 'add', name, 'type', 'veth', 'peer', 'eth0', 'netns', name);
    ip('link', 'set', name, 'master', 'switch', 'up');
    ip(...inside, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    ip(...inside, 'link', 'set', 'eth0', 'up');
    ip(...inside, 'link', 'set', 'lo', 'up');
    return {
      address,
      words,
      cut: () => {
        ip('link', 'set', name, 'down');
      },
      mend: () => {
        ip('link', 'set', name, 'up');
      },
    };
  };
}
