import type { DeviceEvent, EventKind } from '../../engine/events/device-event.ts';
import type { Arguments, Command } from '../command.ts';
import { UsageError } from '../failures.ts';
import * as messages from '../messages.ts';
import { flagOption, jsonOption, numberOption, textOption } from '../options.ts';

/** In virsh's order. */
const KINDS: readonly EventKind[] = ['lifecycle', 'update'];

/** The longest time of a timer, in seconds: 2^31 - 1 milliseconds. */
const MAX_TIMEOUT = 2_147_483;

const device = textOption('device', 'only events of this device', { completion: 'device' });
const event = textOption('event', 'what to wait for: lifecycle or update', {
  placeholder: 'TYPE',
  completion: KINDS,
});
const loop = flagOption('loop', 'go on after the first event, until interrupted or timed out');
const timeout = numberOption('timeout', 'how long to wait at most', { placeholder: 'SECONDS' });
const timestamp = flagOption('timestamp', 'print when each event happened');
const list = flagOption('list', 'list the types of events');

export const command: Command = {
  follows: true,
  arguments: [],
  options: [device, event, loop, timeout, timestamp, list, jsonOption],
  description:
    'The exit code is 0 when an event came. How the host hears of devices stands on standard error; ' +
    'what happens after that line is not missed. With --json, each event is an object on a line of its own.',
  examples: [
    ['event --event lifecycle', 'wait until a device comes or goes'],
    ['event --event lifecycle --loop --timestamp', 'tell what comes and goes, until Ctrl-C'],
    ['event --event update --device my-vgpu --timeout 60', 'wait a minute for a change of a vGPU'],
  ],
  failure(args, { code }) {
    const name = args.get(device);
    return code === 'device-unknown' && name !== undefined
      ? messages.deviceNotFound(name)
      : undefined;
  },

  async run({ args, io, connect, output }) {
    if (args.get(list)) {
      output.report('event', { types: KINDS }, () => KINDS.map((kind) => `${kind}\n`).join(''));
      return 0;
    }
    const kind = kindOf(args);
    const limit = timeoutOf(args);
    const connection = await connect();
    const interruption = io.interruption();
    const deadline = new AbortController();
    const events = await connection.events({
      device: args.get(device),
      kinds: [kind],
      signal: AbortSignal.any([interruption, deadline.signal]),
    });
    output.note(messages.listening[events.source]);
    // A timer even without a limit, because a host in memory alone does not keep the program running.
    const timer = setInterval(
      () => {
        if (limit !== undefined) deadline.abort();
      },
      (limit ?? MAX_TIMEOUT) * 1000,
    );

    let count = 0;
    try {
      for await (const one of events) {
        count += 1;
        output.line(
          'event-line',
          one,
          (shown) => (args.get(timestamp) ? timeText(shown) : '') + eventText(shown),
        );
        if (!args.get(loop)) break;
      }
    } finally {
      clearInterval(timer);
    }
    if (!args.get(jsonOption)) {
      if (interruption.aborted) output.print(messages.eventsInterrupted);
      else if (deadline.signal.aborted) output.print(messages.eventsTimedOut);
      output.print(messages.eventsReceived(count));
    }
    return count > 0 ? 0 : 1;
  },
};

function kindOf(args: Arguments): EventKind {
  const given = args.get(event);
  if (given === undefined) throw new UsageError(messages.eventTypeMissing);
  const kind = KINDS.find((known) => known === given);
  if (kind === undefined) {
    throw new UsageError(messages.unknownEventType(given), messages.oneOf(KINDS));
  }
  return kind;
}

function timeoutOf(args: Arguments): number | undefined {
  const seconds = args.get(timeout);
  if (seconds !== undefined && seconds > MAX_TIMEOUT) {
    throw new UsageError(messages.malformedNumber(timeout.name, String(seconds)));
  }
  return seconds;
}

function eventText(one: DeviceEvent): string {
  return one.kind === 'update'
    ? messages.updateEvent(one.name)
    : messages.lifecycleEvent(one.name, one.change.charAt(0).toUpperCase() + one.change.slice(1));
}

/** A time in virsh's form: `2026-11-21 12:49:51.123+0000: `, always UTC. */
function timeText({ time }: DeviceEvent): string {
  return `${new Date(time).toISOString().replace('T', ' ').replace('Z', '+0000')}: `;
}
