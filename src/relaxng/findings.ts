import type { Issue, Location } from '../errors.ts';

export interface FindingsOptions {
  /** Name of the document's file, for locations that have none. */
  readonly file: string | undefined;
  readonly maxErrors: number;
}

/** What a diagnosis found so far; it keeps no more than it was asked for. */
export class Findings {
  readonly issues: Issue[] = [];
  private readonly options: FindingsOptions;

  constructor(options: FindingsOptions) {
    this.options = options;
  }

  get isFull(): boolean {
    return this.issues.length >= this.options.maxErrors;
  }

  /** `make` is only called when there is still room. */
  report(
    place: { readonly location?: Location | undefined },
    make: (location: Location | undefined) => Issue,
  ): void {
    if (this.isFull) return;
    const { location } = place;
    const { file } = this.options;
    this.issues.push(
      make(location === undefined ? undefined : { ...location, file: location.file ?? file }),
    );
  }
}
