import type { DriverSetting } from '../driver.ts';

/** Equal-size mode by framebuffer, or strictly by type; `none`: mixed-size mode. */
export const HOMOGENEOUS: DriverSetting = {
  name: 'homogeneous',
  default: 'framebuffer',
  words: ['framebuffer', 'type', 'none'],
};
