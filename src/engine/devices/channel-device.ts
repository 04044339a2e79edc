import type { Host, HostParent } from '../../host/host.ts';
import { formatChannelAddress } from '../../host/sysfs/channel-address.ts';

/** The device number behind a subchannel, `0.0.3000`, by which operators know it; undefined for other parents. */
export function channelDeviceOf(host: Host, parent: HostParent): string | undefined {
  if (parent.subsystem !== 'css') return undefined;
  const { capabilities } = host.describeHardware(parent);
  const css = capabilities.find((capability) => capability.kind === 'css');
  return css?.channelDeviceAddress && formatChannelAddress(css.channelDeviceAddress);
}
