/** What the devices of one driver in one VM must have in common. `validate` has it under the code `NAME-vgpus-mixed`. */
export interface VmRule {
  /** What the rule says, in one line. */
  readonly summary: string;
  /** The vendor's page. */
  readonly source: string;
  /** The types of one VM's devices of this driver, in the domain's order. */
  readonly conflicts: (types: readonly NamedType[]) => readonly VmConflict[];
}

/** A type's id, and its name where the kernel has one. */
export interface NamedType {
  readonly id: string;
  readonly name?: string | undefined;
}

/** A device that does not go into a VM with another; both by their index. */
export interface VmConflict {
  readonly device: number;
  readonly other: number;
  /** Completes "… do not go into one VM: ". */
  readonly why: string;
  readonly hint: string;
}
