import type { Regex, RegexFactory } from './regex.ts';
import { RegexMatcher } from './regex-matcher.ts';

// XML 1.0, fifth edition, productions 4 and 4a.
const NAME_START =
  String.raw`:A-Z_a-z\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}-\u{200D}` +
  String.raw`\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}`;
const NAME_CHAR = String.raw`${NAME_START}\-.0-9\u{B7}\u{300}-\u{36F}\u{203F}-\u{2040}`;

/** The escapes of XML Schema part 2, appendix F, that stand for several characters, as classes of JavaScript. */
const ESCAPE_CLASSES: ReadonlyMap<string, string> = new Map([
  ['s', String.raw`[ \t\n\r]`],
  ['S', String.raw`[^ \t\n\r]`],
  ['i', `[${NAME_START}]`],
  ['I', `[^${NAME_START}]`],
  ['c', `[${NAME_CHAR}]`],
  ['C', `[^${NAME_CHAR}]`],
  ['d', String.raw`\p{Nd}`],
  ['D', String.raw`\P{Nd}`],
  ['w', String.raw`[^\p{P}\p{Z}\p{C}]`],
  ['W', String.raw`[\p{P}\p{Z}\p{C}]`],
]);

const SINGLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ...Array.from(String.raw`\|.?*+(){}-[]^`, (char): [string, string] => [char, char]),
]);

/**
 * Compiles a `pattern` facet (XML Schema part 2, appendix F). It matches whole texts, `^` and `$` are ordinary
 * characters, and a class can be subtracted from another. `\p{…}` is unknown, since no schema of libvirt uses it. Throws a SyntaxError that says what is wrong.
 */
export function compileXsdRegex(source: string): RegexMatcher {
  return new RegexMatcher((factory) => new Parser(source, factory).parse());
}

class Parser {
  readonly #chars: readonly string[];
  readonly #factory: RegexFactory;
  #position = 0;

  constructor(source: string, factory: RegexFactory) {
    this.#chars = Array.from(source);
    this.#factory = factory;
  }

  parse(): Regex {
    const result = this.#alternatives();
    if (this.#position < this.#chars.length) this.#fail(`unmatched '${this.#peek()}'`);
    return result;
  }

  #alternatives(): Regex {
    const members = [this.#branch()];
    while (this.#take('|')) members.push(this.#branch());
    return this.#factory.alternatives(members);
  }

  #branch(): Regex {
    const pieces: Regex[] = [];
    while (this.#position < this.#chars.length && this.#peek() !== '|' && this.#peek() !== ')') {
      pieces.push(this.#quantified(this.#atom()));
    }
    return pieces.reduceRight(
      (rest, piece) => this.#factory.sequence(piece, rest),
      this.#factory.empty,
    );
  }

  #atom(): Regex {
    const char = this.#next();
    switch (char) {
      case '(': {
        const inner = this.#alternatives();
        if (!this.#take(')')) this.#fail("'(' without ')'");
        return inner;
      }
      case '[':
        return this.#factory.characters(this.#characterClass());
      case '.':
        return this.#factory.characters(String.raw`[^\n\r]`);
      case '\\': {
        const single = SINGLE_ESCAPES.get(this.#peek() ?? '');
        if (single !== undefined) this.#position += 1;
        return this.#factory.characters(
          single === undefined ? this.#escape() : `[${member(single)}]`,
        );
      }
      default:
        if ('?*+{}]'.includes(char)) this.#fail(`'${char}' must be written '\\${char}'`);
        return this.#factory.characters(`[${member(char)}]`);
    }
  }

  #quantified(atom: Regex): Regex {
    if (this.#take('?')) return this.#factory.repeat(atom, 0, 1);
    if (this.#take('*')) return this.#factory.repeat(atom, 0, Number.POSITIVE_INFINITY);
    if (this.#take('+')) return this.#factory.repeat(atom, 1, Number.POSITIVE_INFINITY);
    if (this.#peek() !== '{') return atom;
    const end = this.#chars.indexOf('}', this.#position);
    const text = this.#chars.slice(this.#position, end + 1).join('');
    const [, least, comma, most] = /^\{(\d+)(,?)(\d*)\}$/u.exec(text) ?? [];
    if (least === undefined || (comma === '' && most !== '')) {
      this.#fail("'{' must be followed by a number or two and '}'");
    }
    const upper = most === '' || most === undefined ? Number.POSITIVE_INFINITY : Number(most);
    if (upper < Number(least)) this.#fail(`'${text}' counts backwards`);
    this.#position = end + 1;
    return this.#factory.repeat(atom, Number(least), comma === '' ? Number(least) : upper);
  }

  /** Reads a class after its `[`. A `-[…]` at its end is subtracted from it. */
  #characterClass(): string {
    const negated = this.#take('^');
    let members = '';
    let subtracted: string | undefined;
    while (!this.#take(']')) {
      if (this.#peek() === '-' && this.#peek(1) === '[') {
        this.#position += 2;
        subtracted = this.#characterClass();
        if (!this.#take(']'))
          this.#fail("a subtracted class must be the last thing between '[' and ']'");
        break;
      }
      members += this.#classMember();
    }
    if (members === '') this.#fail("nothing between '[' and ']'");
    const own = `[${negated ? '^' : ''}${members}]`;
    return subtracted === undefined ? own : `[${own}--${subtracted}]`;
  }

  #classMember(): string {
    const first = this.#classCharacter();
    if (first.char === undefined) return first.expression;
    if (this.#peek() !== '-' || this.#peek(1) === ']' || this.#peek(1) === '[') {
      return first.expression;
    }
    this.#position += 1;
    const last = this.#classCharacter();
    if (last.char === undefined) this.#fail('a range must end in one character');
    if (codePoint(last.char) < codePoint(first.char)) {
      this.#fail(`the range '${first.char}-${last.char}' runs backwards`);
    }
    return `${first.expression}-${last.expression}`;
  }

  /** One member of a class: a character, or an escape that stands for several (then `char` is undefined). */
  #classCharacter(): { readonly char: string | undefined; readonly expression: string } {
    const next = this.#next();
    if (next === '[') this.#fail(String.raw`'[' must be written '\['`);
    const char = next === '\\' ? SINGLE_ESCAPES.get(this.#peek() ?? '') : next;
    if (char === undefined) return { char, expression: this.#escape() };
    if (next === '\\') this.#position += 1;
    return { char, expression: member(char) };
  }

  /** Reads an escape that stands for several characters, after its backslash. */
  #escape(): string {
    const char = this.#next();
    return ESCAPE_CLASSES.get(char) ?? this.#fail(`unknown escape '\\${char}'`);
  }

  #peek(ahead = 0): string | undefined {
    return this.#chars[this.#position + ahead];
  }

  #next(): string {
    const char = this.#chars[this.#position];
    if (char === undefined) this.#fail('it ends too early');
    this.#position += 1;
    return char;
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#position += 1;
    return true;
  }

  #fail(what: string): never {
    throw new SyntaxError(`${what} (character ${this.#position + 1} of '${this.#chars.join('')}')`);
  }
}

function codePoint(char: string): number {
  return char.codePointAt(0) ?? 0;
}

/** A character as a member of a class. Most are escaped, because the flag `v` reserves many characters. */
function member(char: string): string {
  return /^[\p{L}\p{N}]$/u.test(char) ? char : `\\u{${codePoint(char).toString(16)}}`;
}
