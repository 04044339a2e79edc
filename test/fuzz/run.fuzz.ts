import { Worker } from 'node:worker_threads';
import { fuzzCases } from './inputs.ts';
import { problemWith } from './targets.ts';
import type { Finding, Task } from './worker.ts';

// npm run fuzz -- MINUTES [NUMBER]: inputs from that number on, a random one by default.
// npm run fuzz -- 0 NUMBER: that input alone, shown, with what is wrong with it.

/** Seconds an input may take before it counts as a hang. */
const PATIENCE = 30;
const MAX_HEAP_MEGABYTES = 2048;
const CHECK_MILLISECONDS = 500;

const [minutes = '1', number = `${Date.now() % 2 ** 30}`] = process.argv.slice(2);
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

if (Number(minutes) === 0) showOne(Number(number));
else process.exitCode = await fuzz(Number(minutes) * 60_000, Number(number));

function showOne(which: number): void {
  const { kind, input } = fuzzCases()(which);
  say(`${kind}, ${typeof input === 'string' ? 'a string' : 'bytes'}:`);
  say(JSON.stringify(typeof input === 'string' ? input : Buffer.from(input).toString('latin1')));
  say(problemWith(kind, input) ?? 'ends as it should');
}

/** Runs a worker until the time is over; one that hangs or has no memory left is replaced. Gives the exit code. */
async function fuzz(milliseconds: number, first: number): Promise<number> {
  const start = performance.now();
  const progress = new Int32Array(new SharedArrayBuffer(8));
  const findings: Finding[] = [];
  const note = (finding: Finding): void => {
    findings.push(finding);
    say(`\n${finding.kind} input ${finding.number}: ${finding.problem}`);
  };
  say(`from input ${first}`);
  for (let next = first; performance.now() - start < milliseconds; ) {
    const end = await runWorker({ first: next, progress }, note, start + milliseconds);
    const at = Atomics.load(progress, 0);
    if (end !== undefined) note({ number: at, kind: 'some', problem: end });
    next = at + 1;
  }
  const seconds = (performance.now() - start) / 1000;
  const done = Atomics.load(progress, 1);
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  say(
    `\n${done} inputs in ${seconds.toFixed(0)} s, ${(done / seconds).toFixed(0)} per second, ` +
      `at most ${memory} MiB; ${findings.length} did not end as they should`,
  );
  for (const finding of findings) say(`  npm run fuzz -- 0 ${finding.number}`);
  return findings.length === 0 ? 0 : 1;
}

/** Why a worker ended before its time; undefined when the time was over. */
async function runWorker(
  task: Task,
  note: (finding: Finding) => void,
  deadline: number,
): Promise<string | undefined> {
  const worker = new Worker(new URL('worker.js', import.meta.url), {
    workerData: task,
    // libxml2 writes of every bad XPath expression.
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MEGABYTES },
  });
  worker.stderr.resume();
  worker.on('message', note);
  return new Promise((resolve) => {
    let since = performance.now();
    let at = -1;
    const stop = (problem: string | undefined): void => {
      clearInterval(timer);
      void worker.terminate().then(() => {
        resolve(problem);
      });
    };
    const timer = setInterval(() => {
      const now = performance.now();
      const done = Atomics.load(task.progress, 1);
      if (done !== at) [at, since] = [done, now];
      else if (now - since > PATIENCE * 1000) stop(`hangs for more than ${PATIENCE} s`);
      if (now > deadline) stop(undefined);
    }, CHECK_MILLISECONDS);
    worker.on('error', (error) => {
      stop(error.stack);
    });
  });
}
