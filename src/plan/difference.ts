/** Something that is otherwise than desired. Absent: there is none. */
export interface Difference {
  /** `parent`, `type`, `group`, `name`, `autostart`, or an attribute's name. */
  readonly what: string;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}
