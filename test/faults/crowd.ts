import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { buildProgram } from './programs.ts';

/** As many as mdevctl was measured with. */
export const PROCESSES = 20;

/** What a member of a crowd is told to do; see programs/crowd-member.ts. */
export type Task =
  | { readonly do: 'create' | 'define'; readonly xml: string }
  | { readonly do: 'update'; readonly device: string; readonly xml: string }
  | { readonly do: 'autostart'; readonly device: string; readonly enabled: boolean }
  | { readonly do: 'claim'; readonly group: string; readonly domain: string }
  | { readonly do: 'add-attribute'; readonly device: string; readonly attribute: string };

/** Processes on one host that do at once what they are told, round after round. */
export interface Crowd {
  /** Gives each its task, and resolves to their answers: `ok`, or an error's code. */
  readonly ask: (task: (member: number) => Task) => Promise<readonly string[]>;
  readonly end: () => void;
}

const program = await buildProgram('crowd-member');

export async function gather(root: string): Promise<Crowd> {
  const members = Array.from({ length: PROCESSES }, () => {
    const child = spawn(process.execPath, [program, `sim://${root}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const answer = async (): Promise<string> => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`a process ended with ${child.exitCode}`);
      return value;
    };
    return { child, answer };
  });
  const answers = (): Promise<string[]> => Promise.all(members.map(({ answer }) => answer()));
  await answers(); // that they are ready
  return {
    ask: (task) => {
      for (const [index, { child }] of members.entries()) {
        child.stdin.write(`${JSON.stringify(task(index))}\n`);
      }
      return answers();
    },
    end: () => {
      for (const { child } of members) child.stdin.end();
    },
  };
}
