/** An address of the channel subsystem (s390). */
export interface ChannelAddress {
  readonly cssid: number;
  readonly ssid: number;
  readonly devno: number;
}

/** Channel subsystem, subchannel set, device number: `0.0.0052`. */
const CHANNEL_ADDRESS = /^([0-9a-f]{1,2})\.([0-3])\.([0-9a-f]{4})$/;

/** Reads a subchannel's or channel device's sysfs name; undefined when it is none. */
export function parseChannelAddress(name: string): ChannelAddress | undefined {
  const [, cssid, ssid, devno] = CHANNEL_ADDRESS.exec(name) ?? [];
  if (cssid === undefined || ssid === undefined || devno === undefined) return undefined;
  return {
    cssid: Number.parseInt(cssid, 16),
    ssid: Number(ssid),
    devno: Number.parseInt(devno, 16),
  };
}

export function formatChannelAddress({ cssid, ssid, devno }: ChannelAddress): string {
  return `${cssid.toString(16)}.${ssid}.${devno.toString(16).padStart(4, '0')}`;
}
