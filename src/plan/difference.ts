/** A value that differs from the desired one. `before` or `after` undefined: there is no such value. */
export interface Difference {
  /** `parent`, `type`, `group`, `name`, `autostart`, or an attribute's name. */
  readonly what: string;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}
