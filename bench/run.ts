import { cpus, release } from 'node:os';
import { documents } from './documents.ts';
import { listing } from './listing.ts';
import { placement } from './placement.ts';
import { startUp } from './start-up.ts';
import { formatSection } from './table.ts';

/** Every benchmark; a new one is a file that returns a section. */
const sections = [startUp, documents, () => listing(1_000), () => listing(10_000), placement];

const [cpu] = cpus();
process.stdout.write(
  `Node ${process.version}, Linux ${release()}, ${cpus().length} × ${cpu?.model ?? 'unknown'}\n`,
);
for (const section of sections) process.stdout.write(`\n${formatSection(await section())}`);
