/** Makes a function that computes its result once for each object, since rules need the same few types for every device. */
export function once<K extends object, T>(compute: (key: K) => T): (key: K) => T {
  const known = new WeakMap<K, { readonly value: T }>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found.value;
    const value = compute(key);
    known.set(key, { value });
    return value;
  };
}

/** Texts that are remembered, and the longest: a fleet has some hundred descriptions of types, of some hundred characters. */
const MOST_TEXTS = 1000;
const LONGEST_TEXT = 1000;

/** As {@link once}, for what a text says: thousands of cards have equal ones, each in objects of its own. */
export function onceForText<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.value;
    const value = compute(text);
    if (known.size === MOST_TEXTS) known.clear();
    if (text.length <= LONGEST_TEXT) known.set(text, { value });
    return value;
  };
}
