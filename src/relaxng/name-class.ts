import { unreachable } from './unreachable.ts';

/** A set of names, RELAX NG section 3 `nameClass`. */
export type NameClass =
  | { readonly kind: 'anyName'; readonly except?: NameClass | undefined }
  | { readonly kind: 'nsName'; readonly ns: string; readonly except?: NameClass | undefined }
  | { readonly kind: 'name'; readonly ns: string; readonly local: string }
  | { readonly kind: 'choice'; readonly members: readonly NameClass[] };

/**
 * A name, as far as a schema distinguishes names. The names of one namespace that the schema never mentions are one
 * object with `local` undefined. The names of all namespaces that it never mentions are one object with `ns` undefined
 * too. So a hostile document cannot fill the caches with invented names.
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

/** The names that a class lists one by one, without those of `anyName` and `nsName`. */
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

/** Whether a class has infinitely many names. Attributes of such a class must be repeatable (section 7.3). */
export function isOpenEnded(nameClass: NameClass): boolean {
  return nameClass.kind === 'choice'
    ? nameClass.members.some(isOpenEnded)
    : nameClass.kind !== 'name';
}

/**
 * Whether two classes have a name in common (section 7.3). As the specification suggests, it is tested with the names
 * that they mention and with one other name, in every namespace that they mention and in one other namespace.
 */
export function overlaps(one: NameClass, other: NameClass): boolean {
  if (one.kind === 'name' && other.kind === 'name') {
    return one.local === other.local && one.ns === other.ns;
  }
  const names = new NameTable([one, other]);
  return names.all().some((name) => containsName(one, name) && containsName(other, name));
}

/** The names of a schema: finds the {@link Name} object of a namespace and a local name. */
export class NameTable {
  readonly #namespaces = new Map<
    string,
    { readonly locals: Map<string, Name>; readonly other: Name }
  >();
  readonly #unknown: Name = { ns: undefined, local: undefined };
  readonly #withoutNamespace: ReadonlyMap<string, Name>;

  constructor(nameClasses: Iterable<NameClass>) {
    this.#withoutNamespace = this.#namespace('').locals;
    for (const nameClass of nameClasses) this.#add(nameClass);
  }

  /** @param ns undefined: the prefix is not declared */
  find(ns: string | undefined, local: string): Name {
    const known = ns === undefined ? undefined : this.#namespaces.get(ns);
    return known === undefined ? this.#unknown : (known.locals.get(local) ?? known.other);
  }

  /** Finds a name without a namespace that the schema mentions. This is the fast way for most names. */
  mentioned(local: string): Name | undefined {
    return this.#withoutNamespace.get(local);
  }

  all(): readonly Name[] {
    const names = [this.#unknown];
    for (const { locals, other } of this.#namespaces.values())
      names.push(other, ...locals.values());
    return names;
  }

  #add(nameClass: NameClass): void {
    switch (nameClass.kind) {
      case 'name': {
        const { locals } = this.#namespace(nameClass.ns);
        if (!locals.has(nameClass.local)) {
          locals.set(nameClass.local, { ns: nameClass.ns, local: nameClass.local });
        }
        return;
      }
      case 'choice':
        for (const member of nameClass.members) this.#add(member);
        return;
      case 'nsName':
        this.#namespace(nameClass.ns);
        if (nameClass.except !== undefined) this.#add(nameClass.except);
        return;
      case 'anyName':
        if (nameClass.except !== undefined) this.#add(nameClass.except);
    }
  }

  #namespace(ns: string): { readonly locals: Map<string, Name>; readonly other: Name } {
    const known = this.#namespaces.get(ns);
    if (known !== undefined) return known;
    const fresh = { locals: new Map<string, Name>(), other: { ns, local: undefined } };
    this.#namespaces.set(ns, fresh);
    return fresh;
  }
}
