/** A type of a datatype library: which texts it has, and how its values compare. */
export interface ValueType {
  /** What happens to white space before the text is looked at (XML Schema part 2, section 4.3.6). */
  readonly whiteSpace: 'preserve' | 'collapse';
  /** Whether a text, after the treatment of white space, is a value of the type. */
  readonly accepts: (text: string) => boolean;
  /** A text that is the same for equal values. Absent: values are equal when their texts are. */
  readonly key?: ((text: string) => string) | undefined;
  /** Negative, 0 or positive; NaN when neither is greater. Absent: `minInclusive` and `maxInclusive` do not apply. */
  readonly compare?: ((one: string, other: string) => number) | undefined;
  /** Absent: `maxLength` does not apply. */
  readonly length?: ((text: string) => number) | undefined;
}
