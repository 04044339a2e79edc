import * as v from 'valibot';
import { functionsNamed, profileDriver } from '../../drivers/registry.ts';
import { settingProblem } from '../../drivers/settings.ts';
import { NodedevError } from '../../errors.ts';
import { isAttributeName } from '../sysfs/paths.ts';
import { isTypeFile } from '../sysfs/paths.ts';
import { baseName, isFileName } from '../tree.ts';
import { kernelRules } from './kernel.ts';
import { HARDWARE, isDevicePath } from './paths.ts';
import type { SimulatedCard, SimulatedHardware } from './profile.ts';

/** A simulated host's hardware as JSON. It is kept in the host's directory, so that opening the host needs no XML. */
export function formatHardware({ name, kernel, layout, cards }: SimulatedHardware): string {
  const written = cards.map(({ driver, functions, bootsOff, settings, types, parents }) => ({
    driver: functions?.name ?? driver.name,
    bootsOff,
    settings,
    types,
    parents: parents.map(({ path }) => path),
  }));
  return `${JSON.stringify({ name, kernel, layout, cards: written })}\n`;
}

const typeShape = v.object({
  id: v.pipe(v.string(), v.check(isFileName, 'no name of a directory')),
  name: v.optional(v.string()),
  deviceApi: v.string(),
  description: v.optional(v.string()),
  sources: v.optional(v.record(v.string(), v.string())),
  files: v.optional(
    v.array(
      v.object({
        name: v.pipe(v.string(), v.check(isTypeFile, "no vendor's file")),
        value: v.string(),
      }),
    ),
  ),
  instances: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  attributes: v.optional(
    v.array(
      v.object({
        name: v.pipe(v.string(), v.check(isAttributeName, 'no name of an attribute')),
        value: v.string(),
      }),
    ),
  ),
});

const hardwareShape = v.object({
  name: v.string(),
  kernel: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => kernelRules(text) !== undefined, 'no kernel with mediated devices'),
    ),
  ),
  layout: v.optional(v.literal('v7')),
  cards: v.array(
    v.object({
      driver: v.string(),
      bootsOff: v.optional(v.literal(true)),
      settings: v.record(v.string(), v.string()),
      types: v.array(typeShape),
      parents: v.array(v.pipe(v.string(), v.check(isDevicePath, 'no path below /sys/devices'))),
    }),
  ),
});

/**
 * Reads the text of {@link formatHardware}. A user may have changed the file, so everything that becomes a path is checked.
 *
 * @throws NodedevError `profile-invalid`
 */
export function parseHardware(text: string): SimulatedHardware {
  const parsed = v.safeParse(hardwareShape, parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw invalid(`${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
  }
  const { name, kernel, layout, cards } = parsed.output;
  return { name, kernel, layout, cards: cards.map(cardOf) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('it is no JSON', cause);
  }
}

function cardOf(read: v.InferOutput<typeof hardwareShape>['cards'][number]): SimulatedCard {
  const driver = profileDriver(read.driver);
  if (driver === undefined) throw invalid(`the rules of driver '${read.driver}' are not known`);
  for (const [key, setting] of Object.entries(read.settings)) {
    const problem = settingProblem(driver, key, setting);
    if (problem !== undefined) throw invalid(problem);
  }
  return {
    ...read,
    driver,
    functions: functionsNamed(read.driver),
    parents: read.parents.map((path) => ({ address: baseName(path), path })),
  };
}

function invalid(problem: string, cause?: unknown): NodedevError {
  return new NodedevError('profile-invalid', `${HARDWARE} of the simulated host: ${problem}`, {
    hint: 'The file was changed; make the host anew, in a new directory.',
    cause,
  });
}
