import { driverForType, drivers } from '../../drivers/registry.ts';
import { attributeOf, childElements, type XmlElement } from '../../xml/element.ts';
import type { Domain, DomainDevice, DomainHostdev } from '../domain.ts';
import { hasOpengl } from './host.ts';
import { attribute, found, type Rule, type RuleContext } from './rule.ts';

const SOURCE = 'https://libvirt.org/formatdomain.html#graphical-framebuffers';

const byDmabuf = drivers
  .filter(({ displaysByDmabuf }) => displaysByDmabuf)
  .map(({ name }) => name)
  .join(' or ');

/** QEMU: "vfio-display-dmabuf: opengl not available", when the device is of such a driver. */
const withoutOpengl: Rule = {
  code: 'display-without-opengl',
  severity: 'warning',
  stage: 'start',
  summary: `the screen of an ${byDmabuf} device needs graphics with OpenGL`,
  source: 'QEMU hw/vfio/display.c: vfio_display_dmabuf_init',
  check: (context) =>
    graphics(context.domain).length === 0 || hasOpengl(context.domain)
      ? []
      : screens(context.domain)
          .filter((hostdev) => mayNeedOpengl(context, hostdev))
          .flatMap(({ element }) =>
            found(
              attribute(element, 'display'),
              `no <graphics> has OpenGL, which the screen of an ${byDmabuf} device needs`,
              "For such a device, add <graphics type='egl-headless'/> beside VNC, or <gl enable='yes'/> to spice or sdl graphics.",
            ),
          ),
};

/** egl-headless renders, and shows nothing by itself. */
const notShown: Rule = {
  code: 'display-not-shown',
  severity: 'warning',
  stage: 'start',
  summary: 'egl-headless graphics are there beside others, through which the screen is seen',
  source: SOURCE,
  check: ({ domain }) => {
    const all = graphics(domain);
    const isHeadless = all.every(({ element }) => attributeOf(element, 'type') === 'egl-headless');
    return screens(domain).length === 0 || !isHeadless
      ? []
      : all.flatMap(({ element }) =>
          found(
            element,
            'egl-headless graphics render the screen, but nobody can see it',
            "Add <graphics type='vnc'/> or spice beside it.",
          ),
        );
  },
};

/** QEMU: "SPICE GL support is local-only for now and incompatible with -spice port/tls-port" */
const spiceGlRemote: Rule = {
  code: 'spice-gl-remote',
  severity: 'warning',
  stage: 'start',
  summary: 'spice graphics with OpenGL listen on a socket, or not at all',
  source: `${SOURCE}; QEMU ui/spice-core.c: qemu_spice_init`,
  check: ({ domain }) =>
    screens(domain).length === 0
      ? []
      : graphics(domain)
          .filter(({ element }) => attributeOf(element, 'type') === 'spice' && listens(element))
          .flatMap(({ element }) =>
            childElements(element, 'gl')
              .filter((gl) => attributeOf(gl, 'enable') === 'yes')
              .flatMap((gl) =>
                found(
                  attribute(gl, 'enable'),
                  'SPICE GL support is local-only for now and incompatible with a port',
                  "Add <listen type='none'/> or type='socket' to these graphics; for others than local viewers take egl-headless beside VNC.",
                ),
              ),
          ),
};

/** Where display, graphics and OpenGL do not fit each other, and a screen stays black or the VM does not start. */
export const displayRules: readonly Rule[] = [withoutOpengl, notShown, spiceGlRemote];

function graphics({ devices }: Domain): readonly DomainDevice[] {
  return devices.filter(({ kind }) => kind === 'graphics');
}

/** The mediated devices that are to show a screen. */
function screens({ hostdevs }: Domain): readonly DomainHostdev[] {
  return hostdevs.filter(
    ({ element, type, model }) =>
      type === 'mdev' && model === 'vfio-pci' && attributeOf(element, 'display') === 'on',
  );
}

/** Whether nothing says that the device shows its screen in another way. An active one has a rule of its own. */
function mayNeedOpengl({ host }: RuleContext, { uuid }: DomainHostdev): boolean {
  const defined = uuid === undefined ? [] : (host?.defined(uuid) ?? []);
  if (uuid === undefined || host?.active(uuid) !== undefined) return false;
  return defined.every(
    ({ type }) => type === undefined || driverForType(type)?.displaysByDmabuf === true,
  );
}

/** libvirt lets graphics listen on an address unless they say something else. */
function listens(element: XmlElement): boolean {
  const types = childElements(element, 'listen').map((listen) => attributeOf(listen, 'type'));
  return types.length === 0 || types.some((type) => type === 'address' || type === 'network');
}
