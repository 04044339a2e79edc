/** A domain of the libvirt on a host whose files are not read. */
export interface DomainText {
  readonly uuid: string;
  readonly running: boolean;
  /** Its XML. */
  readonly text: string;
}
