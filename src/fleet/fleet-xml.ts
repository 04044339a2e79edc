import { fleetIssues } from '../engine/validate/fleet.ts';
import { NodedevError } from '../errors.ts';
import { attributeOf, childElements, textOf } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';
import type { Fleet } from './fleet.ts';
import { noFleet } from './messages.ts';

/** Reads `<fleet>`. `schemas/fleet.rng` says what may stand in it. @throws NodedevError `fleet-invalid`, `xml-…` */
export function parseFleetXml(text: string | Uint8Array, file?: string): Fleet {
  const { root } = readXml(text, { file });
  if (root.name !== 'fleet') throw noFleet(root.name, root.location);
  const issues = fleetIssues(root);
  const [first] = issues;
  if (first !== undefined) {
    const { message, location, hint } = first;
    throw new NodedevError('fleet-invalid', message, { location, hint, issues });
  }
  const hosts = childElements(root, 'host').map((host) => ({
    name: attributeOf(host, 'name') ?? '',
    uri: attributeOf(host, 'uri') ?? '',
    labels: childElements(host, 'label')
      .map((label) => textOf(label).trim())
      .toSorted(),
  }));
  return { hosts, warnings: [] };
}
