import { byLocation, type Issue } from '../../errors.ts';
import type { Schema } from '../../relaxng/schema.ts';
import { attributeOf, childElements, type XmlElement } from '../../xml/element.ts';
import { OWN_SCHEMAS } from './own-schemas.ts';

/** What is wrong with a `<fleet>`: what its schema finds, and hosts of one name. Codes: `schema-…`, `fleet-invalid`. */
export function fleetIssues(
  root: XmlElement,
  schema: Schema = OWN_SCHEMAS.of('fleet'),
): readonly Issue[] {
  const names = new Set<string>();
  const twice = childElements(root, 'host').flatMap((host): readonly Issue[] => {
    const name = attributeOf(host, 'name') ?? '';
    if (!names.has(name)) {
      names.add(name);
      return [];
    }
    const { location } = host;
    const message = `two hosts are called '${name}'`;
    const hint = 'give each a name of its own';
    return [{ code: 'fleet-invalid', severity: 'error', message, location, hint }];
  });
  return [...schema.validate(root), ...twice].toSorted(byLocation);
}
