import type { NamedValue } from '../nodedev/device.ts';

/** The properties of a type, for people: `2 heads, 512 MiB, 2560x1600, 45 fps`; unknown items as `name value`. */
export function describeType(attributes: readonly NamedValue[]): string {
  const values = new Map(attributes.map(({ name, value }) => [name, value]));
  return attributes
    .flatMap(({ name, value }) => {
      switch (name) {
        case 'num_heads':
          return `${value} ${value === '1' ? 'head' : 'heads'}`;
        case 'frl_config':
          return `${value} fps`;
        case 'framebuffer':
          return kibibytes(value);
        case 'hres':
          return `${value}x${values.get('vres') ?? '?'}`;
        case 'vres':
          return values.has('hres') ? [] : `?x${value}`;
        case 'guest_framebuffer':
          return `${kibibytes(value)} in the guest`;
        case 'max_instance':
          return `max ${value}`;
        case 'max_instance_mixed':
          return `max ${value} in mixed-size mode`;
        case 'description':
          return short(value);
        default:
          return `${name.replaceAll('_', ' ')} ${short(value)}`;
      }
    })
    .join(', ');
}

/** So many characters of a vendor's text are in a line of a table. */
const SHORT = 60;

const short = (text: string): string =>
  text.length > SHORT ? `${text.slice(0, SHORT).trimEnd()}…` : text;

/** An amount in KiB: 524288 is `512 MiB`. */
function kibibytes(value: string): string {
  const mebibytes = Number(value) / 1024;
  if (!Number.isSafeInteger(mebibytes)) return `${value} KiB`;
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024} GiB` : `${mebibytes} MiB`;
}
