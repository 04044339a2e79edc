import { topologyDot } from '../../pictures/dot.ts';
import { topologyHtml } from '../../pictures/html.ts';
import { topologySvg } from '../../pictures/svg.ts';
import { topologyText } from '../../pictures/text.ts';
import { onNode } from '../../plan/topology.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../failures.ts';
import { fleetOptions } from '../fleet/options.ts';
import * as messages from '../messages.ts';
import { choiceOption, jsonOption, wholeNumberOption } from '../options.ts';
import { issueData } from '../report-error.ts';
import { terminalOf } from '../terminal.ts';

const format = choiceOption('format', ['text', 'dot', 'svg', 'html'], 'default text');

const node = wholeNumberOption('node', 'only the cards of this NUMA node', { placeholder: 'N' });

export const command: Command = {
  arguments: [],
  options: [format, node, ...fleetOptions, jsonOption],
  description:
    'Bars show what is used of each type, what is free as long as no other type takes the room, and what other types ' +
    'have taken. An HTML page or SVG picture is one file that needs no network; dot is for Graphviz.',
  examples: [
    ['topology', 'on the terminal'],
    ['topology --format html > host.html', 'as a page with a filter'],
    ['topology --format dot | dot -Tpdf > host.pdf', 'drawn by Graphviz'],
  ],
  failure: () => messages.topologyFailed,

  async run({ args, io, connect, output }) {
    const wanted = args.get(format);
    if (wanted !== undefined && args.get(jsonOption)) {
      throw new UsageError(messages.exclusive('format', 'json'));
    }
    const host = onNode(await (await connect()).topology(), args.get(node));
    const topology = { ...host, ...(io.here && { read: io.here() }) };
    output.problems(topology.problems);
    switch (wanted) {
      case 'dot':
        output.printExactly(topologyDot(topology));
        break;
      case 'svg':
        output.printExactly(topologySvg(topology));
        break;
      case 'html':
        output.printExactly(topologyHtml(topology));
        break;
      case 'text':
      case undefined:
        if (!args.get(jsonOption)) output.printPicture(topologyText(topology, terminalOf(io)));
        else output.report('topology', { ...topology, problems: topology.problems.map(issueData) });
    }
  },
};
