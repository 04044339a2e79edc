import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { attachedDevices } from './attached-devices.ts';
import { diskHosts } from './disk-host.ts';
import { documents } from './documents.ts';
import { editor } from './editor.ts';
import { fleetOnEtcd } from './fleet.ts';
import { growth } from './growth.ts';
import { listing, lookup, mdevctlMissing } from './listing.ts';
import { memory } from './memory.ts';
import { memoryHosts } from './memory-host.ts';
import { mountedHosts } from './mounted-host.ts';
import { placement } from './placement.ts';
import { plans } from './plan.ts';
import { startUp } from './start-up.ts';
import { aimsText, formatTable, leftOut, type Row } from './table.ts';
import { vmBoots } from './vm-boot.ts';

/** Every benchmark; a new one is a file whose function gives rows. */
const benchmarks = [
  startUp,
  () => listing(1000),
  () => listing(10_000),
  lookup,
  documents,
  editor,
  memoryHosts,
  memory,
  diskHosts,
  mountedHosts,
  attachedDevices,
  vmBoots,
  placement,
  plans,
  fleetOnEtcd,
  growth,
];

const PAGE = 'docs/performance.md';
const MARK = '<!-- npm run bench -- --write -->';
const END_MARK = '<!-- end of the table -->';

const load = loadavg()[0]?.toFixed(1) ?? '';
const start = performance.now();
const rows: Row[] = [];
for (const [index, benchmark] of benchmarks.entries()) {
  process.stderr.write(`\r${index + 1} of ${benchmarks.length} …`);
  rows.push(...(await benchmark()));
}
process.stderr.write('\r');
const missing = await mdevctlMissing();
if (missing !== undefined) rows.push(leftOut('listings beside mdevctl', missing));
const minutes = ((performance.now() - start) / 60_000).toFixed(1);

const [cpu] = cpus();
const versions = ['saxes', 'fast-xml-parser', 'xmlbuilder2', 'libxml2-wasm'].map(
  (name) => `${name} ${versionOf(`node_modules/${name}`)}`,
);
const report = `virt-nodedev ${versionOf('.')}, Node ${process.version}, ${versions.join(', ')};
Linux ${release()}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, load ${load} at the start; measured in ${minutes} minutes.

${formatTable(rows)}
${aimsText(rows)}`;
process.stdout.write(report);
if (process.argv.includes('--write')) putIntoDocs(report);

/** Between its two marks. */
function putIntoDocs(text: string): void {
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest = ''] = page.split(MARK);
  const [, after] = rest.split(END_MARK);
  if (after === undefined) throw new Error(`${PAGE} has no ${MARK} with ${END_MARK}`);
  writeFileSync(PAGE, `${before}${MARK}\n\n${text}\n${END_MARK}${after}`);
}

function versionOf(folder: string): string {
  const text = readFileSync(`${folder}/package.json`, 'utf8');
  return /"version": "([^"]+)"/u.exec(text)?.[1] ?? 'unknown';
}
