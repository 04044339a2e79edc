import { expect, it } from 'vitest';
import { profileDriverNames, profileDrivers } from '../../../src/drivers/registry.ts';
import { cardIssues } from '../../../src/host/simulated/card-settings.ts';
import { readXml } from '../../../src/xml/read.ts';

const issuesOf = (cards: string): readonly string[] =>
  cardIssues(readXml(`<host>${cards}</host>`).root).map(
    ({ location, message }) => `${location?.line}:${location?.column} ${message}`,
  );

it('an unknown driver is reported with those there are', () => {
  expect(issuesOf("<card types='t' driver='nvdia'/>")).toEqual([
    `1:23 The rules of driver 'nvdia' are not known; known are ${profileDriverNames().join(', ')}`,
  ]);
});

it('every wrong setting is reported at its attribute', () => {
  expect(
    issuesOf(`<card driver='i915'>
<setting name='sriov' value='yes'/><setting name='aperture' value='0'/><setting name='fences' value='8'/>
<setting name='fences' value='9'/></card><card driver='mtty'><setting name='count' value='1'/></card>`),
  ).toEqual([
    "2:10 driver i915 has no setting 'sriov' (it has: aperture, ggtt, fences, requires-group, device-nodes)",
    "2:61 setting 'aperture' is '0', but takes a decimal number from 1 to 999999999",
    "3:10 setting 'fences' appears twice",
    "3:71 driver mtty has no setting 'count' (it has: requires-group, device-nodes)",
  ]);
});

it.each([
  ['', false],
  ["<kernel version='5.15'/>", false],
  ["<kernel version='6.6'/>", true],
])('with %j devices may have files of their own only: %j', (kernel, may) => {
  const card = "<card driver='mtty'><setting name='device-nodes' value='device'/></card>";
  const problem =
    "without groups' files there are only those of Linux 6.6, and this host has an older <kernel>";
  expect(issuesOf(kernel + card).map((one) => one.replace(/^1:\d+ /, ''))).toEqual(
    may ? [] : [problem],
  );
});

it.each(profileDrivers())('$name: what its settings declare is taken', ({ name, settings }) => {
  const lines = settings.flatMap((setting) =>
    (setting.words ?? [setting.text === undefined ? '1' : setting.default]).map(
      (value) => `<card driver='${name}'><setting name='${setting.name}' value='${value}'/></card>`,
    ),
  );
  expect(issuesOf(lines.join(''))).toEqual([]);
});
