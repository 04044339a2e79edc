import { idsOf, type Regex, RegexFactory } from './regex.ts';
import { unreachable } from './unreachable.ts';

/** A state of the automaton: the rest of the text must match one of the terms. */
interface State {
  readonly terms: readonly Regex[];
  readonly isAccepting: boolean;
  /** By character. */
  readonly next: Map<string, State>;
}

/** Above the first number all states are forgotten; above the second, no more characters of a state are remembered. */
const MOST_STATES = 5000;
const MOST_CHARACTERS = 256;

/**
 * Matches whole texts by partial derivatives (Antimirov 1996), which are remembered as a deterministic automaton. The
 * time is linear in the length of the text for every expression. JavaScript's own matching takes quadratic or exponential
 * time for many expressions (`[a-z]+[a-z0-9]*`), and overflows its stack on long texts.
 */
export class RegexMatcher {
  readonly #build: (factory: RegexFactory) => Regex;
  #factory = new RegexFactory();
  #states = new Map<string, State>();
  #start: State;

  constructor(build: (factory: RegexFactory) => Regex) {
    this.#build = build;
    this.#start = this.#stateOf([build(this.#factory)]);
  }

  test(text: string): boolean {
    let state = this.#start;
    for (const char of text) {
      state = state.next.get(char) ?? this.#step(state, char);
      if (state.terms.length === 0) return false;
    }
    const { isAccepting } = state;
    if (this.#states.size > MOST_STATES) this.#forget();
    return isAccepting;
  }

  #forget(): void {
    this.#factory = new RegexFactory();
    this.#states = new Map();
    this.#start = this.#stateOf([this.#build(this.#factory)]);
  }

  #step(state: State, char: string): State {
    const next = this.#stateOf(state.terms.flatMap((term) => this.#derive(term, char)));
    if (state.next.size < MOST_CHARACTERS) state.next.set(char, next);
    return next;
  }

  #stateOf(terms: readonly Regex[]): State {
    const distinct = [...new Set(terms)].toSorted((a, b) => a.id - b.id);
    const key = idsOf(distinct);
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const isAccepting = distinct.some(({ nullable }) => nullable);
    const fresh: State = { terms: distinct, isAccepting, next: new Map() };
    this.#states.set(key, fresh);
    return fresh;
  }

  /** The expressions of which one must match the rest after a character; none if the character does not fit. */
  #derive(regex: Regex, char: string): readonly Regex[] {
    const factory = this.#factory;
    switch (regex.kind) {
      case 'empty':
        return [];
      case 'characters':
        return regex.contains(char) ? [factory.empty] : [];
      case 'alternatives':
        return regex.members.flatMap((member) => this.#derive(member, char));
      case 'sequence': {
        const { first, second } = regex;
        const inFirst = this.#derive(first, char).map((rest) => factory.sequence(rest, second));
        return first.nullable ? [...inFirst, ...this.#derive(second, char)] : inFirst;
      }
      case 'repeat': {
        const { item, least, most } = regex;
        const others = factory.repeat(item, Math.max(0, least - 1), most - 1);
        return this.#derive(item, char).map((rest) => factory.sequence(rest, others));
      }
      default:
        return unreachable(regex);
    }
  }
}
