import type { NamedValue } from '../nodedev/device.ts';
import { attributeWrites } from './attribute-writes.ts';
import type { Context } from './context.ts';
import {
  alreadyDefined,
  type Definition,
  type DefinitionRef,
  formatDefinition,
  type StoredDefinition,
} from './definitions.ts';
import type { KnownDevice } from './inventory.ts';
import { nameOf } from './inventory.ts';
import { deviceTransient } from './messages.ts';
import type { Placement } from './placement.ts';
import type { Steps } from './steps.ts';
import type { StoreChange } from './store.ts';

/**
 * Makes devices persistent, as steps of a transaction. Their params stand in mdevctl's file as the attribute the
 * driver takes them in, so that mdevctl and libvirt apply them as well.
 *
 * @throws NodedevError `device-defined`, `definition-invalid`, `permission-denied`, `store-failed`
 */
export function defineDevices(
  { definitions }: Context,
  change: StoreChange,
  steps: Steps,
  placements: readonly Placement[],
): readonly DefinitionRef[] {
  const wanted = placements.map(({ parent, uuid, type, group, request }) => {
    const ref = { parent: parent.address, uuid };
    if (definitions.has(ref)) throw alreadyDefined(ref.parent, uuid);
    const attributes = attributeWrites(type.id, request);
    const definition = { type: type.id, autostart: false, attributes, extra: {} };
    return { ref, group, alias: request.alias, definition, text: formatDefinition(definition) };
  });
  steps.intend(
    wanted.map(({ ref, group, definition: { type }, text }) => ({
      do: 'define',
      ...ref,
      type,
      group,
      text,
    })),
  );
  return wanted.map(({ ref, group, alias, definition }) => {
    steps.run(
      `defined ${nameOf(ref)}`,
      () => {
        definitions.define(ref, definition);
      },
      () => {
        definitions.undefine(ref);
      },
    );
    change.putDefinition({ kind: 'definition', ...ref, group, alias });
    return ref;
  });
}

/** Removes definitions, as steps of a transaction. @throws NodedevError `device-undefined` */
export function undefineDevices(
  { definitions }: Context,
  change: StoreChange,
  steps: Steps,
  devices: readonly KnownDevice[],
): void {
  const stored = devices.map(requireDefinition);
  steps.intend(
    stored.map(({ parent, uuid, definition: { type }, snapshot: { text } }) => {
      const group = change.definition({ parent, uuid })?.group;
      return { do: 'undefine', parent, uuid, type, group, text };
    }),
  );
  for (const { parent, uuid, definition } of stored) {
    const ref = { parent, uuid };
    steps.run(
      `undefined ${nameOf(ref)}`,
      () => {
        definitions.undefine(ref);
      },
      () => {
        definitions.define(ref, definition);
      },
    );
    change.deleteDefinition(ref);
  }
}

/** Replaces a definition, as a step of a transaction. @throws NodedevError `definition-changed`, `store-failed` */
export function redefine(
  { definitions }: Context,
  steps: Steps,
  stored: StoredDefinition,
  change: Partial<Pick<Definition, 'autostart'> & { readonly attributes: readonly NamedValue[] }>,
): void {
  const ref = { parent: stored.parent, uuid: stored.uuid };
  const next = { ...stored.definition, ...change };
  const after = formatDefinition(next);
  const { type } = next;
  steps.intend([{ do: 'redefine', ...ref, type, before: stored.snapshot.text, after }]);
  steps.run(
    `changed the definition of ${nameOf(ref)}`,
    () => {
      definitions.update(stored, next);
    },
    () => {
      const now = definitions.read(ref);
      if (now !== undefined) definitions.update(now, stored.definition);
    },
  );
}

/** @throws NodedevError `device-undefined` */
export function requireDefinition({ ref, definition }: KnownDevice): StoredDefinition {
  if (definition === undefined) throw deviceTransient(nameOf(ref));
  return definition;
}
