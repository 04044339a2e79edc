import type { Issue, Location } from '../errors.ts';

export interface FindingsOptions {
  /** Name of the document's file, for locations that have none. */
  readonly file: string | undefined;
  readonly maxErrors: number;
}

/** Collects the issues of a document, up to the number that was asked for. */
export class Findings {
  readonly issues: Issue[] = [];
  readonly #options: FindingsOptions;

  constructor(options: FindingsOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.issues.length >= this.#options.maxErrors;
  }

  /** Adds an issue, unless there are enough already. */
  report(
    { location }: { readonly location?: Location | undefined },
    make: (location: Location | undefined) => Issue,
  ): void {
    if (this.isFull) return;
    const { file } = this.#options;
    this.issues.push(
      make(location === undefined ? undefined : { ...location, file: location.file ?? file }),
    );
  }
}
