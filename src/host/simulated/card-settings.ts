import { isNotLoaded } from '../../drivers/not-loaded.ts';
import { type ModuleDrivers, profileDriver, profileDriverNames } from '../../drivers/registry.ts';
import { settingProblem, settingsOf } from '../../drivers/settings.ts';
import { DEFAULT_KERNEL, kernelRules, nodesProblem } from './kernel.ts';
import type { Issue } from '../../errors.ts';
import {
  attributeOf,
  childElements,
  type XmlAttribute,
  type XmlElement,
} from '../../xml/element.ts';

/**
 * All mistakes in the drivers and settings of a profile's cards, each with the location of its attribute. The schema
 * checks what is the same for all cards (missing attributes, unknown elements). Codes: `profile-invalid`
 */
export function cardIssues(profile: XmlElement, modules?: ModuleDrivers): readonly Issue[] {
  const [kernelElement] = childElements(profile, 'kernel');
  const kernel = kernelRules(
    (kernelElement && attributeOf(kernelElement, 'version')) ?? DEFAULT_KERNEL,
  );
  return childElements(profile, 'card').flatMap((card) => {
    const name = attribute(card, 'driver');
    if (name === undefined) return [];
    const driver = profileDriver(name.value, modules);
    if (driver !== undefined && isNotLoaded(driver)) return [];
    if (driver === undefined) {
      const known = profileDriverNames();
      return [
        invalid(
          name,
          `The rules of driver '${name.value}' are not known; known are ${known.join(', ')}`,
        ),
      ];
    }
    const seen = new Set<string>();
    return childElements(card, 'setting').flatMap((setting) => {
      const key = attribute(setting, 'name');
      const value = attributeOf(setting, 'value');
      if (key === undefined || value === undefined) return [];
      if (seen.has(key.value)) return [invalid(key, `setting '${key.value}' appears twice`)];
      seen.add(key.value);
      const problem =
        settingProblem(driver, key.value, value) ??
        // Of a version that is none, another issue speaks.
        (kernel && nodesProblem(kernel, { settings: { [key.value]: value } }));
      const isKnown = settingsOf(driver).some((known) => known.name === key.value);
      const place = isKnown ? attribute(setting, 'value') : key;
      return problem === undefined ? [] : [invalid(place ?? key, problem)];
    });
  });
}

/** The hint for mistakes in a profile. */
export const PROFILE_HINT = 'samples/hosts/README.md describes the format.';

function invalid({ location }: XmlAttribute, message: string): Issue {
  return { code: 'profile-invalid', message, severity: 'error', location, hint: PROFILE_HINT };
}

function attribute(element: XmlElement, name: string): XmlAttribute | undefined {
  return element.attributes.find((candidate) => candidate.name === name);
}
