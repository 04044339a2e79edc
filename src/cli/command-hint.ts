import { shellWord } from '../shell-word.ts';

/**
 * A hint for users of the command. Hints of the library name its functions and options in backticks: `start('NAME')`. Here
 * this becomes the command line that does the same, with names as a shell takes them.
 */
export function commandHint(hint: string): string {
  return PHRASES.reduce(
    (text, [phrase, line]) =>
      text.replace(phrase, (...found: readonly unknown[]) =>
        line.replace(/\$(\d)/gu, (_, group: string) => shellWord(String(found[Number(group)]))),
      ),
    hint,
  );
}

/** Patterns and their command lines. With the flag `g` all occurrences in a hint are replaced. */
const PHRASES: readonly (readonly [phrase: RegExp, line: string])[] = [
  // Methods of a connection.
  [/`list\(\{ state: 'all' \}\)`/gu, '`virt-nodedev list --all`'],
  [/`list\(\{ capabilities: \['(\w+)'\] \}\)`/gu, '`virt-nodedev list --cap $1`'],
  [
    /`list\(\{ capabilities: \['(\w+)'\], state: 'all' \}\)`/gu,
    '`virt-nodedev list --cap $1 --all`',
  ],
  [/`topology\(\)`/gu, '`virt-nodedev topology --json`'],
  [/`types\(\)`/gu, '`virt-nodedev types`'],
  [/`types\(\{ parent: '(.*?)' \}\)`/gsu, '`virt-nodedev types $1`'],
  [/`define\(await dumpxml\('(.*?)'\)\)`/gsu, '`virt-nodedev dumpxml $1 | virt-nodedev define -`'],
  [/`define\(xml\)`/gu, '`virt-nodedev define FILE`'],
  [/`undefine\('(.*?)'\)`/gsu, '`virt-nodedev undefine $1`'],
  [/`update\('(.*?)', xml\)`/gsu, '`virt-nodedev update $1 FILE`'],
  [/`dumpxml\(name\)`/gu, '`virt-nodedev dumpxml`'],
  [/`destroy\(name\)`/gu, '`virt-nodedev destroy NAME`'],
  [/`destroy\('(.*?)', \{ adopt: true \}\)`/gsu, '`virt-nodedev destroy --adopt $1`'],
  [/`start\('(.*?)'\)`/gsu, '`virt-nodedev start $1`'],
  [/`startGroup\('(.*?)'\)`/gsu, '`virt-nodedev start --group $1`'],
  [/`groups\(\)`/gu, '`virt-nodedev group list`'],
  [/`group\('(.*?)'\)`/gsu, '`virt-nodedev group show $1`'],
  [/`createGroup\('(.*?)', devices\)`/gsu, '`virt-nodedev group create $1 DEVICE…`'],
  [/`addToGroup\('(.*?)', devices\)`/gsu, '`virt-nodedev group add $1 DEVICE…`'],
  [/`claim\('(.*?)', domain\)`/gsu, '`virt-nodedev group claim $1 DOMAIN`'],
  [/`release\('(.*?)'\)`/gsu, '`virt-nodedev group release $1`'],
  [/`gc\(\)`/gu, '`virt-nodedev gc`'],
  [/`recover\(\)`/gu, '`virt-nodedev recover`'],
  [/`recover\(\{ forget: '(.*?)' \}\)`/gsu, '`virt-nodedev recover --forget $1`'],
  [/`mountHost\(folder\)`/gu, '`virt-nodedev sim mount DIR FOLDER`'],
  [/`runCommand\(words\)`/gu, '`virt-nodedev sim run DIR -- COMMAND`'],
  [/`doctor\(\)`/gu, '`virt-nodedev doctor`'],
  [/`gc\(\)`/gu, '`virt-nodedev gc`'],
  [/the JSON of what `plan\(desired\)` returns/gu, 'what `virt-nodedev plan --json PATH` prints'],
  // Functions.
  [/`validateDocument\(xml\)`/gu, '`virt-nodedev validate`'],
  [/`connect\('(.*?)'\)`/gsu, '`-c $1`'],
  [/`initSimulatedHost\('(.*?)', '(.*?)'\)`/gsu, '`virt-nodedev sim init $1 --profile $2`'],
  [/the expression '(.*?)'/gu, '--xpath $1'],
  [/`explain\('(.*?)'\)`/gsu, '`virt-nodedev explain $1`'],
  // Options of methods.
  [/the option `allowHotplug`/gu, '--allow-hotplug'],
  [/the option `allowGroup`/gu, '--allow-group'],
  [/without the option `readOnly`/gu, 'without -r'],
  [/without the option `dryRun`/gu, 'without --dry-run'],
  [
    /the option `profileDrivers: 'all'` of `initSimulatedHost`/gu,
    '`virt-nodedev sim init --allow-driver`',
  ],
  [/the option `profileDrivers: 'all'`/gu, '--allow-driver'],
  [/the option `socketDir`/gu, '--socket-dir'],
  [/the option `(\w+)`/gu, '--$1'],
];
