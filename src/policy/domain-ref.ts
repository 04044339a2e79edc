/** What identifies a domain. A configuration may lack either. */
export interface DomainIdentity {
  readonly name?: string | undefined;
  /** Lower case, hyphenated. */
  readonly uuid?: string | undefined;
}

/** A domain by its name, with the uuid where it is known. */
export interface DomainRef extends DomainIdentity {
  readonly name: string;
}

/** Compares by uuid where both are known, since a name can be used again; else by name. */
export function isSameDomain(one: DomainIdentity, other: DomainIdentity): boolean {
  if (one.uuid !== undefined && other.uuid !== undefined) return one.uuid === other.uuid;
  return one.name !== undefined && one.name === other.name;
}
