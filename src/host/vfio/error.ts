/** A call of VFIO's device interface that is refused. */
export class VfioError extends Error {
  override readonly name = 'VfioError';
  /** The kernel's: `EINVAL`, `ENOTTY`, `EFAULT`, `ENODEV`, … */
  readonly errno: string;

  /** @param what the call and what is wrong with it */
  constructor(errno: string, what: string) {
    super(`${errno}: ${what}`);
    this.errno = errno;
  }
}
