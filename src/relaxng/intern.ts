import type { Datatype } from './datatype.ts';
import type { NameClass } from './name-class.ts';
import {
  type AfterPattern,
  type AttributePattern,
  type DataPattern,
  type ElementPattern,
  Memo,
  type Pattern,
} from './pattern.ts';

/**
 * Makes simplified patterns, each only once: equal patterns are the same object. So derivatives that were computed
 * before are found again, and a choice has no member twice. Without this, the derivatives of libvirt's interleaves would
 * double with every child.
 */
export class PatternFactory {
  #nextId = 0;
  readonly #interned = new Map<string, Pattern>();
  readonly empty: Pattern = { kind: 'empty', ...this.#base(true, []) };
  readonly notAllowed: Pattern = { kind: 'notAllowed', ...this.#base(false, []) };
  readonly text: Pattern = { kind: 'text', ...this.#base(true, []) };

  /** How many patterns there are. */
  get size(): number {
    return this.#nextId;
  }

  choice(members: readonly Pattern[]): Pattern {
    const [only] = members;
    if (only !== undefined && members.length === 1) return only;
    const distinct = new Set<Pattern>();
    for (const member of members) {
      if (member.kind === 'choice') for (const inner of member.members) distinct.add(inner);
      else if (member.kind !== 'notAllowed') distinct.add(member);
    }
    // `empty` adds nothing to a choice with another member that may be empty.
    if (distinct.has(this.empty) && [...distinct].some((p) => p.nullable && p !== this.empty)) {
      distinct.delete(this.empty);
    }
    const sorted = [...distinct].toSorted((a, b) => a.id - b.id);
    const [first] = sorted;
    if (first === undefined) return this.notAllowed;
    if (sorted.length === 1) return first;
    return this.#intern(`c${sorted.map(({ id }) => id).join(',')}`, () => ({
      kind: 'choice',
      members: sorted,
      ...this.#base(
        sorted.some(({ nullable }) => nullable),
        sorted,
      ),
    }));
  }

  optional(pattern: Pattern): Pattern {
    return this.choice([pattern, this.empty]);
  }

  group(first: Pattern, second: Pattern): Pattern {
    return this.#pair('group', first, second);
  }

  /** The order of the two sides does not matter, so they are sorted by id. */
  interleave(one: Pattern, other: Pattern): Pattern {
    return one.id <= other.id
      ? this.#pair('interleave', one, other)
      : this.#pair('interleave', other, one);
  }

  oneOrMore(item: Pattern): Pattern {
    if (item.kind === 'empty' || item.kind === 'notAllowed' || item.kind === 'oneOrMore') {
      return item;
    }
    if (item.kind === 'text') return item;
    return this.#intern(`+${item.id}`, () => ({
      kind: 'oneOrMore',
      item,
      ...this.#base(item.nullable, [item]),
    }));
  }

  list(item: Pattern): Pattern {
    if (item.kind === 'notAllowed') return item;
    return this.#intern(`l${item.id}`, () => ({
      kind: 'list',
      item,
      ...this.#base(false, [item], { hasStrings: true }),
    }));
  }

  value(datatype: Datatype, key: string, text: string): Pattern {
    return { kind: 'value', datatype, key, text, ...this.#base(false, [], { hasStrings: true }) };
  }

  data(datatype: Datatype, except: Pattern | undefined, label: string | undefined): DataPattern {
    return {
      kind: 'data',
      datatype,
      except,
      label,
      ...this.#base(false, [], { hasStrings: true }),
    };
  }

  attribute(nameClass: NameClass, content: () => Pattern): AttributePattern {
    return {
      kind: 'attribute',
      nameClass,
      content,
      ...this.#base(false, [], { hasAttributes: true }),
    };
  }

  element(nameClass: NameClass, content: () => Pattern): ElementPattern {
    return { kind: 'element', nameClass, content, ...this.#base(false, []) };
  }

  after(content: Pattern, element: ElementPattern): Pattern {
    if (content.kind === 'notAllowed') return content;
    return this.#intern(
      `a${content.id},${element.id}`,
      (): AfterPattern => ({
        kind: 'after',
        content,
        element,
        ...this.#base(content.nullable, [content]),
      }),
    );
  }

  #pair(kind: 'group' | 'interleave', first: Pattern, second: Pattern): Pattern {
    if (first.kind === 'notAllowed' || second.kind === 'empty') return first;
    if (second.kind === 'notAllowed' || first.kind === 'empty') return second;
    return this.#intern(`${kind === 'group' ? 'g' : 'i'}${first.id},${second.id}`, () => ({
      kind,
      first,
      second,
      ...this.#base(first.nullable && second.nullable, [first, second]),
    }));
  }

  #intern(key: string, make: () => Pattern): Pattern {
    const known = this.#interned.get(key);
    if (known !== undefined) return known;
    const fresh = make();
    this.#interned.set(key, fresh);
    return fresh;
  }

  /** The common fields of a pattern. A flag that is not given is set when a part has it. */
  #base(
    nullable: boolean,
    parts: readonly Pattern[],
    own: Partial<Flags> = {},
  ): Flags & Pick<Pattern, 'id' | 'nullable' | 'memo'> {
    const id = this.#nextId;
    this.#nextId += 1;
    return {
      id,
      nullable,
      hasAttributes: own.hasAttributes ?? parts.some((part) => part.hasAttributes),
      hasStrings: own.hasStrings ?? parts.some((part) => part.hasStrings),
      memo: new Memo(),
    };
  }
}

type Flags = Pick<Pattern, 'hasAttributes' | 'hasStrings'>;
