/** The profile in hints, and that of `test:///default`. */
export const EXAMPLE_PROFILE = 'nvidia-m60';
