/** A rule for several devices of one driver in one VM. Its code in `validate` is `DRIVER-vgpus-NAME`. */
export interface VmRule {
  readonly name: 'mixed' | 'several';
  /** `warning`: its sources do not agree, or not every version of the driver has it. */
  readonly severity: 'error' | 'warning';
  /** The rule, in one line. */
  readonly summary: string;
  /** The vendor's page. */
  readonly source: string;
  /** Two devices that break it, in a sentence. */
  readonly example: string;
  /** The types of one VM's devices of this driver, in the domain's order. */
  readonly conflicts: (types: readonly NamedType[]) => readonly VmConflict[];
}

/** A type's id, and its name if the kernel has one. */
export interface NamedType {
  readonly id: string;
  readonly name?: string | undefined;
}

/** Two devices that must not be in one VM, by their indexes. */
export interface VmConflict {
  readonly device: number;
  readonly other: number;
  /** Completes "… do not go into one VM: ", of a warning "… may not go …". */
  readonly why: string;
  readonly hint: string;
}
