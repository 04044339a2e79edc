import { uptime } from 'node:os';

/**
 * Milliseconds since this machine was started, time asleep included (CLOCK_BOOTTIME). Nobody sets this clock, and what
 * lives until the next boot has its age by it.
 */
export function bootTime(): number {
  return Math.round(uptime() * 1000);
}
