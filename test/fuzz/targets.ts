import type { Hostdev } from '../../src/domain/hostdev.ts';
import { formatHostdev } from '../../src/domain/format-hostdev.ts';
import { hostdevFor } from '../../src/domain/hostdev-for.ts';
import { insertHostdev } from '../../src/domain/insert-hostdev.ts';
import { parseDomain, parseHostdevs } from '../../src/domain/parse-domain.ts';
import { qemuDeviceArguments } from '../../src/domain/qemu-arguments.ts';
import { validateDomain } from '../../src/domain/validate-domain.ts';
import {
  compactDefinition,
  formatDefinition,
  parseDefinition,
} from '../../src/engine/definitions/definition.ts';
import { parseUri } from '../../src/engine/uri.ts';
import { NodedevError } from '../../src/errors.ts';
import { parseHardware } from '../../src/host/simulated/hardware-file.ts';
import { createMemoryHost } from '../../src/host/simulated/memory.ts';
import { formatNodeDevice } from '../../src/nodedev/format.ts';
import { mdevName, nodeDeviceName, parseMdevName } from '../../src/nodedev/names.ts';
import { parseNodeDevice, parseNodeDevices } from '../../src/nodedev/parse.ts';
import { parseUuid } from '../../src/nodedev/uuid.ts';
import { loadSchemaFile } from '../../src/relaxng/schema-file.ts';
import { readXml } from '../../src/xml/read.ts';
import { selectXpath } from '../../src/xml/xpath/select.ts';

/** What a reader is given: a file's bytes or a program's string. */
export type Input = string | Uint8Array;

const text = (input: Input): string =>
  typeof input === 'string' ? input : Buffer.from(input).toString();

/** One call each, for which every input must end in a result or in a NodedevError. */
type Reader = (input: Input) => void;

const schemas = ['nodedev', 'domain', 'host'].map((name) => loadSchemaFile(`schemas/${name}.rng`));

const HOSTDEV: Hostdev = {
  uuid: '0695d332-7831-493f-9e71-1c85c8911a08',
  model: 'vfio-pci',
  extra: [],
};
const DOCUMENT = readXml(
  `<device a='1'><name>x</name><!--c--><uuid>y</uuid><a:b xmlns:a='u'/></device>`,
).root;

/** Also: what was read is written, and what was written says the same when it is read again. */
function readDevice(input: Input): void {
  const device = parseNodeDevice(input);
  for (const dialect of ['libvirt', 'thread'] as const) formatNodeDevice(device, { dialect });
  const written = formatNodeDevice(device);
  const again = formatNodeDevice(parseNodeDevice(written));
  if (again !== written) throw new Error(`written ${written}\nagain ${again}`);
}

function readDomain(input: Input): void {
  for (const hostdev of parseDomain(input).mdevs) {
    formatHostdev(hostdev);
    qemuDeviceArguments(hostdev);
  }
}

function insert(input: Input): void {
  const { length } = parseHostdevs(input);
  const inserted = parseHostdevs(insertHostdev(text(input), HOSTDEV)).length;
  if (inserted !== length + 1) throw new Error(`${length} hostdevs became ${inserted}`);
}

function makeHost(input: Input): void {
  const host = createMemoryHost(input);
  for (const parent of host.parents().items) host.describeHardware(parent);
}

function checkSchemas(input: Input): void {
  const { root } = readXml(input);
  for (const schema of schemas) schema.validate(root);
}

function readNames(input: Input): void {
  const name = text(input);
  parseMdevName(name);
  nodeDeviceName(name, name);
  const uuid = parseUuid(name);
  if (uuid === undefined) return;
  const { uuid: again } = parseMdevName(mdevName(uuid, name)) ?? {};
  if (again !== uuid) throw new Error(`${uuid} is read as ${again}`);
}

/** The readers of each kind of text. */
export const readers = {
  nodedev: [
    readDevice,
    (input) => parseNodeDevices(input),
    (input) => hostdevFor(parseNodeDevice(input)),
    (input) => selectXpath(readXml(input).root, '//uuid'),
    checkSchemas,
  ],
  domain: [readDomain, insert, (input) => validateDomain(input), checkSchemas],
  profile: [makeHost, checkSchemas],
  definition: [
    (input) => {
      const definition = parseDefinition(text(input));
      formatDefinition(definition);
      compactDefinition(definition);
    },
    (input) => parseHardware(text(input)),
  ],
  hardware: [(input) => parseHardware(text(input))],
  xpath: [(input) => selectXpath(DOCUMENT, text(input))],
  uri: [(input) => parseUri(text(input))],
  name: [readNames],
} as const satisfies Readonly<Record<string, readonly Reader[]>>;

export type Kind = keyof typeof readers;

/** Milliseconds after which one reader took too long; the largest inputs take a second or two. */
const TOO_SLOW = 10_000;

/** What went wrong with an input, as text; undefined when it ended as it should. */
export function problemWith(kind: Kind, input: Input): string | undefined {
  for (const read of readers[kind] as readonly Reader[]) {
    const start = performance.now();
    try {
      read(input);
    } catch (error) {
      if (!(error instanceof NodedevError)) {
        return error instanceof Error ? (error.stack ?? error.message) : String(error);
      }
    }
    const time = performance.now() - start;
    if (time > TOO_SLOW) return `${read.toString()} took ${Math.round(time)} ms`;
  }
  return undefined;
}
