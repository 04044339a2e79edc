export interface EditOptions {
  /** The file's name for messages. */
  readonly file?: string | undefined;
}

/** How `removeHostdev` and `replaceHostdev` find devices. */
export interface RemoveOptions extends EditOptions {
  /** The uuids of functions with a type by their addresses (`0000:42:00.4`), by which a domain names them. */
  readonly functions?: Readonly<Record<string, string>> | undefined;
}
