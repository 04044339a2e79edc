import * as fc from 'fast-check';

/** What the sample drivers offer. */
export const TYPES: readonly { readonly parent: string; readonly type: string }[] = [
  { parent: 'mtty', type: 'mtty-1' },
  { parent: 'mtty', type: 'mtty-2' },
  { parent: 'mdpy', type: 'mdpy-vga' },
  { parent: 'mdpy', type: 'mdpy-xga' },
  { parent: 'mdpy', type: 'mdpy-hd' },
  { parent: 'mbochs', type: 'mbochs-small' },
  { parent: 'mbochs', type: 'mbochs-medium' },
  { parent: 'mbochs', type: 'mbochs-large' },
];

/** The sample drivers; each is the only parent of its module. */
export const MODULES = ['mtty', 'mdpy', 'mbochs'] as const;

/** One thing to do to a host. All of it is data, so that two hosts can be asked the same. */
export type Operation =
  /** Writes words to a type's `create`. */
  | {
      readonly kind: 'create';
      readonly parent: string;
      readonly type: string;
      readonly words: string;
    }
  /** Removes the device as a program does. */
  | { readonly kind: 'remove'; readonly uuid: string }
  /** Writes words to the device's `remove`; a kernel waits for the last close, so only where nobody holds it. */
  | { readonly kind: 'write-remove'; readonly uuid: string; readonly words: string }
  | {
      readonly kind: 'set';
      readonly uuid: string;
      readonly attribute: string;
      readonly value: string;
    }
  /** Opens the device's VFIO group, as another process. */
  | { readonly kind: 'open'; readonly uuid: string }
  | { readonly kind: 'close'; readonly uuid: string }
  /** Writes the device's name to `bind` or `unbind` of a driver; only where nobody holds it, since a kernel waits for the last close. */
  | { readonly kind: 'bind' | 'unbind'; readonly uuid: string; readonly driver: string | undefined }
  /** Takes a parent's driver module away, or brings it back. */
  | { readonly kind: 'unload' | 'load'; readonly module: string };

/** Few enough that most operations meet a device, more than fit. */
const UUIDS: readonly string[] = Array.from(
  { length: 36 },
  (_, index) => `c0ffee00-1111-4222-8333-${index.toString(16).padStart(12, 'a')}`,
);

const uuid = fc.constantFrom(...UUIDS);

const module = fc.constantFrom(...MODULES);

const create = fc.record({
  kind: fc.constant('create' as const),
  place: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...TYPES) },
    // Types of other parents, and names that are no type's.
    {
      weight: 2,
      arbitrary: fc.record({
        parent: module,
        type: fc.constantFrom('mtty-1', 'mdpy-hd', 'mtty-3', '..', 'mtty-1/create', ''),
      }),
    },
  ),
  words: fc.oneof(
    { weight: 16, arbitrary: uuid },
    { weight: 4, arbitrary: uuid.map((words) => words.toUpperCase()) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(uuid, fc.constantFrom('\n', 'x', '\0', ' '))
        .map(([words, end]) => words + end),
    },
    { weight: 4, arbitrary: uuid.chain(malformed) },
  ),
});

/** Words that are nearly the uuid. */
function malformed(words: string): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('', '\n', ` ${words}`, `${words}\n\n`, `{${words}}`, `urn:uuid:${words}`),
    fc.nat({ max: 35 }).map((at) => words.slice(0, at) + words.slice(at + 1)),
    fc
      .tuple(fc.nat({ max: 35 }), fc.constantFrom('g', '-', '_', '\0', 'é', '0'))
      .map(([at, character]) => words.slice(0, at) + character + words.slice(at + 1)),
    fc.constant(words.replaceAll('-', '')),
  );
}

const removeWords = fc.oneof(
  fc.constantFrom('1', '1\n', '2', '01', '0x1', '+1', '18446744073709551615'),
  fc.constantFrom('0', '00', '+0', '0x0', '0\n', ''),
  fc.constantFrom('\n', ' ', 'yes', '-1', '1x', '1 ', '08', '18446744073709551616', '1\n\n'),
);

const attribute = fc.constantFrom(
  'vendor/sample_mdev_dev',
  'vendor/resolution',
  'vendor/memory',
  'vendor/nope',
  'nope',
  'remove',
  'power/control',
  'mdev_type/create',
  '../uevent',
);

/** Operations in the proportions that keep the parents near full: half of them create. */
export const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 12, arbitrary: create.map(({ place, ...rest }) => ({ ...rest, ...place })) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove' as const), uuid }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('write-remove' as const), uuid, words: removeWords }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      uuid,
      attribute,
      value: fc.constantFrom('', '1', '1\n', 'x'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('open' as const), uuid }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('close' as const), uuid }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('unbind' as const, 'unbind' as const, 'bind' as const),
      uuid,
      // That of its parent, mostly.
      driver: fc.oneof(
        { weight: 5, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: module },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('unload', 'load'), module }) },
);
