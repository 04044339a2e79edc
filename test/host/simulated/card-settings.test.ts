import { expect, it } from 'vitest';
import { profileDrivers } from '../../../src/drivers/registry.ts';
import { cardIssues } from '../../../src/host/simulated/card-settings.ts';
import { readXml } from '../../../src/xml/read.ts';

const issuesOf = (cards: string): readonly string[] =>
  cardIssues(readXml(`<host>${cards}</host>`).root).map(
    ({ location, message }) => `${location?.line}:${location?.column} ${message}`,
  );

it('an unknown driver is reported with those there are', () => {
  expect(issuesOf("<card types='t' driver='nvdia'/>")).toEqual([
    `1:23 The rules of driver 'nvdia' are not known; known are ${profileDrivers()
      .map(({ name }) => name)
      .toSorted()
      .join(', ')}`,
  ]);
});

it('every wrong setting is reported at its attribute', () => {
  expect(
    issuesOf(`<card driver='i915'>
<setting name='sriov' value='yes'/><setting name='aperture' value='0'/><setting name='fences' value='8'/>
<setting name='fences' value='9'/></card><card driver='mtty'><setting name='count' value='1'/></card>`),
  ).toEqual([
    "2:10 driver i915 has no setting 'sriov' (it has: aperture, ggtt, fences, requires-group)",
    "2:61 setting 'aperture' is '0', but takes a decimal number from 1 to 999999999",
    "3:10 setting 'fences' appears twice",
    "3:71 driver mtty has no setting 'count' (it has: requires-group)",
  ]);
});

it.each(profileDrivers())('$name: what its settings declare is taken', ({ name, settings }) => {
  const lines = settings.flatMap((setting) =>
    (setting.words ?? [setting.text === undefined ? '1' : setting.default]).map(
      (value) => `<card driver='${name}'><setting name='${setting.name}' value='${value}'/></card>`,
    ),
  );
  expect(issuesOf(lines.join(''))).toEqual([]);
});
