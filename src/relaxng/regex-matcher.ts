import { idsOf, type Regex, RegexFactory } from './regex.ts';
import { unreachable } from './unreachable.ts';

/** What can follow: any of these. */
interface State {
  readonly terms: readonly Regex[];
  readonly isAccepting: boolean;
  /** By character. */
  readonly next: Map<string, State>;
}

/** Above these numbers what was found out is forgotten, or not remembered: hostile texts cannot fill the memory. */
const mostStates = 5000;
const mostCharacters = 256;

/**
 * Matches whole texts in time that grows with their length, whatever the expression: by partial derivatives
 * (Antimirov 1996), remembered as a deterministic automaton. JavaScript's own matching takes quadratic or
 * exponential time for many expressions (`[a-z]+[a-z0-9]*`), and overflows its stack on long texts.
 */
export class RegexMatcher {
  private readonly build: (factory: RegexFactory) => Regex;
  private factory = new RegexFactory();
  private states = new Map<string, State>();
  private start: State;

  constructor(build: (factory: RegexFactory) => Regex) {
    this.build = build;
    this.start = this.stateOf([build(this.factory)]);
  }

  test(text: string): boolean {
    let state = this.start;
    for (const char of text) {
      state = state.next.get(char) ?? this.step(state, char);
      if (state.terms.length === 0) return false;
    }
    const { isAccepting } = state;
    if (this.states.size > mostStates) this.forget();
    return isAccepting;
  }

  private forget(): void {
    this.factory = new RegexFactory();
    this.states = new Map();
    this.start = this.stateOf([this.build(this.factory)]);
  }

  private step(state: State, char: string): State {
    const next = this.stateOf(state.terms.flatMap((term) => this.derive(term, char)));
    if (state.next.size < mostCharacters) state.next.set(char, next);
    return next;
  }

  private stateOf(terms: readonly Regex[]): State {
    const distinct = [...new Set(terms)].toSorted((a, b) => a.id - b.id);
    const key = idsOf(distinct);
    const known = this.states.get(key);
    if (known !== undefined) return known;
    const isAccepting = distinct.some(({ nullable }) => nullable);
    const fresh: State = { terms: distinct, isAccepting, next: new Map() };
    this.states.set(key, fresh);
    return fresh;
  }

  /** What can be left of an expression after a character: any of these, none if it does not fit. */
  private derive(regex: Regex, char: string): readonly Regex[] {
    const { factory } = this;
    switch (regex.kind) {
      case 'empty':
        return [];
      case 'characters':
        return regex.contains(char) ? [factory.empty] : [];
      case 'alternatives':
        return regex.members.flatMap((member) => this.derive(member, char));
      case 'sequence': {
        const { first, second } = regex;
        const inFirst = this.derive(first, char).map((rest) => factory.sequence(rest, second));
        return first.nullable ? [...inFirst, ...this.derive(second, char)] : inFirst;
      }
      case 'repeat': {
        const { item, least, most } = regex;
        const others = factory.repeat(item, Math.max(0, least - 1), most - 1);
        return this.derive(item, char).map((rest) => factory.sequence(rest, others));
      }
      default:
        return unreachable(regex);
    }
  }
}
