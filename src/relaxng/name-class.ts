import { unreachable } from './unreachable.ts';

/** A set of names, RELAX NG section 3 `nameClass`. */
export type NameClass =
  | { readonly kind: 'anyName'; readonly except?: NameClass | undefined }
  | { readonly kind: 'nsName'; readonly ns: string; readonly except?: NameClass | undefined }
  | { readonly kind: 'name'; readonly ns: string; readonly local: string }
  | { readonly kind: 'choice'; readonly members: readonly NameClass[] };

/**
 * A name as a schema can tell it apart. Names the schema never mentions behave alike, so all of them in one
 * namespace are one object with `local` undefined, and all of namespaces it never mentions one with `ns`
 * undefined too: a hostile document cannot fill the caches with made-up names.
 */
export interface Name {
  readonly ns: string | undefined;
  readonly local: string | undefined;
}

/** Whether a name belongs to a class. */
export function containsName(nameClass: NameClass, name: Name): boolean {
  switch (nameClass.kind) {
    case 'name':
      return nameClass.local === name.local && nameClass.ns === name.ns;
    case 'anyName':
      return nameClass.except === undefined || !containsName(nameClass.except, name);
    case 'nsName':
      return (
        nameClass.ns === name.ns &&
        (nameClass.except === undefined || !containsName(nameClass.except, name))
      );
    case 'choice':
      return nameClass.members.some((member) => containsName(member, name));
    default:
      return unreachable(nameClass);
  }
}

/** The names a class lists one by one; what `anyName` and `nsName` add or take away is left out. */
export function listedNames(nameClass: NameClass): readonly string[] {
  switch (nameClass.kind) {
    case 'name':
      return [nameClass.local];
    case 'choice':
      return nameClass.members.flatMap(listedNames);
    case 'anyName':
    case 'nsName':
      return [];
    default:
      return unreachable(nameClass);
  }
}

/** Whether a class has names without end: attributes of such a class must be repeatable (section 7.3). */
export function isOpenEnded(nameClass: NameClass): boolean {
  return nameClass.kind === 'choice'
    ? nameClass.members.some(isOpenEnded)
    : nameClass.kind !== 'name';
}

/**
 * Whether two classes share a name (section 7.3). Decided, as the specification suggests, on the names both
 * mention and on one name nobody mentions, in every namespace they mention and in one they do not.
 */
export function overlaps(one: NameClass, other: NameClass): boolean {
  if (one.kind === 'name' && other.kind === 'name') {
    return one.local === other.local && one.ns === other.ns;
  }
  const names = new NameTable([one, other]);
  return names.all().some((name) => containsName(one, name) && containsName(other, name));
}

/** The names of a schema: turns a namespace and a local name into the one {@link Name} object standing for them. */
export class NameTable {
  private readonly namespaces = new Map<
    string,
    { readonly locals: Map<string, Name>; readonly other: Name }
  >();
  private readonly unknown: Name = { ns: undefined, local: undefined };
  private readonly withoutNamespace: ReadonlyMap<string, Name>;

  constructor(nameClasses: Iterable<NameClass>) {
    this.withoutNamespace = this.namespace('').locals;
    for (const nameClass of nameClasses) this.add(nameClass);
  }

  /** `ns` undefined: the prefix is bound to nothing. */
  find(ns: string | undefined, local: string): Name {
    const known = ns === undefined ? undefined : this.namespaces.get(ns);
    return known === undefined ? this.unknown : (known.locals.get(local) ?? known.other);
  }

  /** The fast way for a name in no namespace that the schema mentions. */
  mentioned(local: string): Name | undefined {
    return this.withoutNamespace.get(local);
  }

  all(): readonly Name[] {
    const names = [this.unknown];
    for (const { locals, other } of this.namespaces.values()) names.push(other, ...locals.values());
    return names;
  }

  private add(nameClass: NameClass): void {
    switch (nameClass.kind) {
      case 'name': {
        const { locals } = this.namespace(nameClass.ns);
        if (!locals.has(nameClass.local)) {
          locals.set(nameClass.local, { ns: nameClass.ns, local: nameClass.local });
        }
        return;
      }
      case 'choice':
        for (const member of nameClass.members) this.add(member);
        return;
      case 'nsName':
        this.namespace(nameClass.ns);
        if (nameClass.except !== undefined) this.add(nameClass.except);
        return;
      case 'anyName':
        if (nameClass.except !== undefined) this.add(nameClass.except);
    }
  }

  private namespace(ns: string): { readonly locals: Map<string, Name>; readonly other: Name } {
    const known = this.namespaces.get(ns);
    if (known !== undefined) return known;
    const fresh = { locals: new Map<string, Name>(), other: { ns, local: undefined } };
    this.namespaces.set(ns, fresh);
    return fresh;
  }
}
