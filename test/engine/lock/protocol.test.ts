import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LockFolder, numberOf, takeNumber } from '../../../src/engine/lock/protocol.ts';

/** A folder of sockets in memory, whose calls of several processes come in any order. */
class World {
  readonly #names = new Map<string, { open: boolean; readonly told: (() => void)[] }>();
  readonly #turns: { readonly process: number; readonly run: () => void }[] = [];
  readonly #dead = new Set<number>();
  readonly #sockets: { readonly process: number; close(): void }[] = [];
  /** Processes that hold the lock, which should never be two. */
  readonly holders = new Set<number>();
  taken = 0;

  /** The rest of a process's calls come after others', or never. */
  turn(process: number): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#dead.has(process)) this.#turns.push({ process, run: resolve });
    });
  }

  /** Runs until nobody has anything to do. `pick` chooses whose call comes next, `kills` who dies before which. */
  async run(pick: () => number, kills: ReadonlyMap<number, number>): Promise<void> {
    for (let step = 0; ; step += 1) {
      await settled();
      const victim = kills.get(step);
      if (victim !== undefined) this.#kill(victim);
      await settled();
      const [next] = this.#turns.splice(pick() % Math.max(1, this.#turns.length), 1);
      if (next === undefined) return;
      next.run();
    }
  }

  #kill(process: number): void {
    this.#dead.add(process);
    for (const socket of this.#sockets) if (socket.process === process) socket.close();
    this.holders.delete(process);
    const left = this.#turns.filter((turn) => turn.process !== process);
    this.#turns.splice(0, Infinity, ...left);
  }

  isAlive(process: number): boolean {
    return !this.#dead.has(process);
  }

  folderOf(process: number): LockFolder {
    return {
      names: async () => {
        await this.turn(process);
        return [...this.#names.keys()];
      },
      listen: async (name) => {
        await this.turn(process);
        const socket = { open: true, told: [] as (() => void)[] };
        const close = (): void => {
          socket.open = false;
          for (const tell of socket.told.splice(0)) tell();
        };
        this.#names.set(name, socket);
        this.#sockets.push({ process, close });
        return { close };
      },
      link: async (from, to) => {
        await this.turn(process);
        const socket = this.#names.get(from);
        if (socket === undefined || this.#names.has(to)) return false;
        this.#names.set(to, socket);
        return true;
      },
      unlink: async (name) => {
        await this.turn(process);
        this.#names.delete(name);
      },
      meet: async (name) => {
        await this.turn(process);
        const socket = this.#names.get(name);
        if (socket === undefined) return 'absent';
        if (!socket.open) return 'refused';
        await new Promise<void>((resolve) => socket.told.push(resolve));
        await this.turn(process);
        return 'ended';
      },
    };
  }
}

/** A call's answer goes through several promises. */
async function settled(): Promise<void> {
  for (let hop = 0; hop < 20; hop += 1) await Promise.resolve();
}

/** Takes the lock so many times, and tidies as a holder does. */
async function work(world: World, process: number, rounds: number): Promise<void> {
  const folder = world.folderOf(process);
  let names = 0;
  for (let round = 0; round < rounds; round += 1) {
    const held = await takeNumber(folder, () => `.next-${process}-${names++}`);
    world.holders.add(process);
    world.taken += 1;
    expect([...world.holders]).toEqual([process]);
    for (const name of held.names) {
      if ((numberOf(name) ?? held.number) < held.number) await folder.unlink(name);
    }
    await world.turn(process);
    expect([...world.holders]).toEqual([process]);
    world.holders.delete(process);
    held.listener.close();
  }
}

describe('the lock', () => {
  it('has one holder at a time, whoever dies whenever, and everybody gets it in the end', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 5 }),
        fc.array(fc.nat(), { minLength: 40, maxLength: 400 }),
        fc.array(fc.tuple(fc.nat(150), fc.nat(4)), { maxLength: 2 }),
        async (processes, picks, kills) => {
          const world = new World();
          const done = new Set<number>();
          const failures: unknown[] = [];
          for (let process = 0; process < processes; process += 1) {
            void work(world, process, 3).then(
              () => done.add(process),
              (error: unknown) => failures.push(error),
            );
          }
          let at = 0;
          const pick = (): number => picks[at++ % picks.length] ?? 0;
          await world.run(pick, new Map(kills));
          expect(failures).toEqual([]);
          const alive = [...Array(processes).keys()].filter((each) => world.isAlive(each));
          expect([...done].filter((each) => world.isAlive(each)).toSorted((a, b) => a - b)).toEqual(
            alive,
          );
          taken += world.taken;
        },
      ),
      { numRuns: 1500 },
    );
    expect(taken).toBeGreaterThan(5000);
  }, 60_000);
});
