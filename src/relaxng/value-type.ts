import type { NamespaceScope } from './namespaces.ts';

/** A primitive of a datatype library: what its texts look like and how their values compare. */
export interface ValueType {
  readonly whiteSpace: 'preserve' | 'replace' | 'collapse';
  readonly usesNamespaces?: boolean | undefined;
  /** Whether a text, white space already treated, is in the lexical space. */
  readonly accepts: (text: string, scope: NamespaceScope | undefined) => boolean;
  /** The value as a text that is the same for equal values; the text itself when absent. */
  readonly key?: ((text: string, scope: NamespaceScope | undefined) => string) | undefined;
  /** Negative, 0 or positive; NaN when neither comes first. Absent: `min…` and `max…` do not apply. */
  readonly compare?: ((one: string, other: string) => number) | undefined;
  /** In the type's own unit: characters, octets or list items. Absent: `length` does not apply. */
  readonly length?: ((text: string) => number) | undefined;
  /** Absent: `totalDigits` and `fractionDigits` do not apply. */
  readonly digits?:
    | ((text: string) => { readonly total: number; readonly fraction: number })
    | undefined;
}
