/** The profile that hints name, and that `test:///default` has. */
export const EXAMPLE_PROFILE = 'nvidia-m60';
