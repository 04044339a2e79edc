import type { Regex, RegexFactory } from './regex.ts';
import { RegexMatcher } from './regex-matcher.ts';
import { unicodeBlock } from './unicode-blocks.ts';

// XML 1.0, fifth edition, productions 4 and 4a.
const nameStart =
  String.raw`:A-Z_a-z\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}-\u{200D}` +
  String.raw`\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}`;
const nameChar = String.raw`${nameStart}\-.0-9\u{B7}\u{300}-\u{36F}\u{203F}-\u{2040}`;

/** The multi-character escapes of XML Schema part 2, appendix F; each is a class of its own in JavaScript. */
const escapeClasses: ReadonlyMap<string, string> = new Map([
  ['s', String.raw`[ \t\n\r]`],
  ['S', String.raw`[^ \t\n\r]`],
  ['i', `[${nameStart}]`],
  ['I', `[^${nameStart}]`],
  ['c', `[${nameChar}]`],
  ['C', `[^${nameChar}]`],
  ['d', String.raw`\p{Nd}`],
  ['D', String.raw`\P{Nd}`],
  ['w', String.raw`[^\p{P}\p{Z}\p{C}]`],
  ['W', String.raw`[\p{P}\p{Z}\p{C}]`],
]);

const singleEscapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ...Array.from(String.raw`\|.?*+(){}-[]^`, (char): [string, string] => [char, char]),
]);

const categories = /^(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfon]?)$/u;

/**
 * Compiles a `pattern` facet (XML Schema part 2, appendix F): it matches whole texts, `^` and `$` are plain
 * characters, classes may be subtracted. Throws a SyntaxError that says what is wrong.
 */
export function compileXsdRegex(source: string): RegexMatcher {
  return new RegexMatcher((factory) => new Parser(source, factory).parse());
}

class Parser {
  private readonly chars: readonly string[];
  private readonly factory: RegexFactory;
  private position = 0;

  constructor(source: string, factory: RegexFactory) {
    this.chars = Array.from(source);
    this.factory = factory;
  }

  parse(): Regex {
    const result = this.alternatives();
    if (this.position < this.chars.length) this.fail(`unmatched '${this.peek()}'`);
    return result;
  }

  private alternatives(): Regex {
    const members = [this.branch()];
    while (this.take('|')) members.push(this.branch());
    return this.factory.alternatives(members);
  }

  private branch(): Regex {
    const pieces: Regex[] = [];
    while (this.position < this.chars.length && this.peek() !== '|' && this.peek() !== ')') {
      pieces.push(this.quantified(this.atom()));
    }
    return pieces.reduceRight(
      (rest, piece) => this.factory.sequence(piece, rest),
      this.factory.empty,
    );
  }

  private atom(): Regex {
    const char = this.next();
    switch (char) {
      case '(': {
        const inner = this.alternatives();
        if (!this.take(')')) this.fail("'(' without ')'");
        return inner;
      }
      case '[':
        return this.factory.characters(this.characterClass());
      case '.':
        return this.factory.characters(String.raw`[^\n\r]`);
      case '\\': {
        const single = singleEscapes.get(this.peek() ?? '');
        if (single !== undefined) this.position += 1;
        return this.factory.characters(
          single === undefined ? this.escape() : `[${member(single)}]`,
        );
      }
      default:
        if ('?*+{}]'.includes(char)) this.fail(`'${char}' must be written '\\${char}'`);
        return this.factory.characters(`[${member(char)}]`);
    }
  }

  private quantified(atom: Regex): Regex {
    if (this.take('?')) return this.factory.repeat(atom, 0, 1);
    if (this.take('*')) return this.factory.repeat(atom, 0, Number.POSITIVE_INFINITY);
    if (this.take('+')) return this.factory.repeat(atom, 1, Number.POSITIVE_INFINITY);
    if (this.peek() !== '{') return atom;
    const end = this.chars.indexOf('}', this.position);
    const text = this.chars.slice(this.position, end + 1).join('');
    const [, least, comma, most] = /^\{(\d+)(,?)(\d*)\}$/u.exec(text) ?? [];
    if (least === undefined || (comma === '' && most !== '')) {
      this.fail("'{' must be followed by a number or two and '}'");
    }
    const upper = most === '' || most === undefined ? Number.POSITIVE_INFINITY : Number(most);
    if (upper < Number(least)) this.fail(`'${text}' counts backwards`);
    this.position = end + 1;
    return this.factory.repeat(atom, Number(least), comma === '' ? Number(least) : upper);
  }

  /** After the `[`. A `-[…]` at the end takes that class away. */
  private characterClass(): string {
    const negated = this.take('^');
    let members = '';
    let subtracted: string | undefined;
    while (!this.take(']')) {
      if (this.peek() === '-' && this.peek(1) === '[') {
        this.position += 2;
        subtracted = this.characterClass();
        if (!this.take(']'))
          this.fail("a subtracted class must be the last thing between '[' and ']'");
        break;
      }
      members += this.classMember();
    }
    if (members === '') this.fail("nothing between '[' and ']'");
    const own = `[${negated ? '^' : ''}${members}]`;
    return subtracted === undefined ? own : `[${own}--${subtracted}]`;
  }

  private classMember(): string {
    const first = this.classCharacter();
    if (first.char === undefined) return first.expression;
    if (this.peek() !== '-' || this.peek(1) === ']' || this.peek(1) === '[') {
      return first.expression;
    }
    this.position += 1;
    const last = this.classCharacter();
    if (last.char === undefined) this.fail('a range must end in one character');
    if (codePoint(last.char) < codePoint(first.char)) {
      this.fail(`the range '${first.char}-${last.char}' runs backwards`);
    }
    return `${first.expression}-${last.expression}`;
  }

  /** One character, or (`char` undefined) a class of its own. */
  private classCharacter(): { readonly char: string | undefined; readonly expression: string } {
    const next = this.next();
    if (next === '[') this.fail(String.raw`'[' must be written '\['`);
    const char = next === '\\' ? singleEscapes.get(this.peek() ?? '') : next;
    if (char === undefined) return { char, expression: this.escape() };
    if (next === '\\') this.position += 1;
    return { char, expression: member(char) };
  }

  /** After the backslash: a class of its own. */
  private escape(): string {
    const char = this.next();
    if (char === 'p' || char === 'P') return this.property(char);
    return escapeClasses.get(char) ?? this.fail(`unknown escape '\\${char}'`);
  }

  private property(kind: 'p' | 'P'): string {
    const end = this.chars.indexOf('}', this.position);
    if (end < 0 || !this.take('{'))
      this.fail(`'\\${kind}' must be followed by '{', a name and '}'`);
    const name = this.chars.slice(this.position, end).join('');
    this.position = end + 1;
    if (categories.test(name)) return `\\${kind}{${name}}`;
    const block = name.startsWith('Is') ? unicodeBlock(name.slice(2)) : undefined;
    if (block === undefined) this.fail(`unknown category or block '${name}'`);
    const range = block.map((code) => `\\u{${code.toString(16)}}`).join('-');
    return `[${kind === 'P' ? '^' : ''}${range}]`;
  }

  private peek(ahead = 0): string | undefined {
    return this.chars[this.position + ahead];
  }

  private next(): string {
    const char = this.chars[this.position];
    if (char === undefined) this.fail('it ends too early');
    this.position += 1;
    return char;
  }

  private take(char: string): boolean {
    if (this.peek() !== char) return false;
    this.position += 1;
    return true;
  }

  private fail(what: string): never {
    throw new SyntaxError(`${what} (character ${this.position + 1} of '${this.chars.join('')}')`);
  }
}

function codePoint(char: string): number {
  return char.codePointAt(0) ?? 0;
}

/** A character inside a class, where `v` mode reserves more of them. */
function member(char: string): string {
  return /^[\p{L}\p{N}]$/u.test(char) ? char : `\\u{${codePoint(char).toString(16)}}`;
}
