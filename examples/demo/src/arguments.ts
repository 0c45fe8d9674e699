import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const PROVIDERS = ['auto', 'containers', 'processes'] as const;

export type ProviderChoice = (typeof PROVIDERS)[number];

export interface DemoOptions {
  /** Stop after the table instead of staying up. */
  once: boolean;
  /** The table as one line of JSON on stdout. */
  json: boolean;
  /** Remove the state of earlier runs first. */
  fresh: boolean;
  /** Also send one delivery of the largest size that GitHub sends. */
  large: boolean;
  provider: ProviderChoice;
  /** Where state, logs and `local.json` are kept. */
  stateDirectory: string;
}

export type ArgumentsResult =
  | { success: true; help: true }
  | { success: true; help: false; options: DemoOptions }
  | { success: false; problems: string[] };

const DEFAULT_STATE_DIRECTORY = fileURLToPath(new URL('../../../.hookline', import.meta.url));

export const usage = `Usage: npm start -- [options]

Brings up Kafka, a schema registry and PostgreSQL, ingest, processors and relay on this machine, sends real GitHub
payloads and forged, malformed and oversized requests through them, has a handler fail for one repository until it is
mended, kills the relay while it comments at what stands in for GitHub, and shows a table in which every number is
checked. Then it stays up; Ctrl-C stops everything that it started.

  --once                 exit after the table: 0 if every number is as it must be, else 1
  --json                 print the table as one line of JSON on stdout, all else on stderr
                         (npm itself prints two lines before it, unless called as npm start --silent)
  --fresh                remove what earlier runs have stored, and begin anew
  --large                also send one delivery of 25 MB, the largest that GitHub sends
  --provider=NAME        auto (default: Docker where an engine answers, else processes), containers, processes
  --state-directory=DIR  keep state, logs and local.json in DIR instead of .hookline (tests do)
  --help                 show this
`;

/** Reads the command line. Names every problem at once. */
export function parseArguments(args: readonly string[]): ArgumentsResult {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  const problems: string[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(`"${token.value}" is not an option: options begin with --.`);
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(OPTIONS, token.name) ? OPTIONS[token.name as keyof typeof OPTIONS] : undefined;
    if (option === undefined) problems.push(`${token.rawName} is not known.`);
    else if (option.type === 'boolean' && token.value !== undefined) problems.push(`${token.rawName} takes no value.`);
    else if (option.type === 'boolean') flags.add(token.name);
    else if (!token.value) problems.push(`${token.rawName} needs a value: ${token.rawName}=….`);
    else values.set(token.name, token.value);
  }
  const provider = values.get('provider') ?? 'auto';
  if (!isProvider(provider)) problems.push(`--provider is "${provider}"; it must be one of ${PROVIDERS.join(', ')}.`);
  if (flags.has('help')) return { success: true, help: true };
  if (problems.length > 0 || !isProvider(provider)) return { success: false, problems };
  return {
    success: true,
    help: false,
    options: {
      once: flags.has('once'),
      json: flags.has('json'),
      fresh: flags.has('fresh'),
      large: flags.has('large'),
      provider,
      stateDirectory: values.get('state-directory') ?? DEFAULT_STATE_DIRECTORY,
    },
  };
}

const OPTIONS = {
  once: { type: 'boolean' },
  json: { type: 'boolean' },
  fresh: { type: 'boolean' },
  large: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  provider: { type: 'string' },
  'state-directory': { type: 'string' },
} as const;

function isProvider(value: string): value is ProviderChoice {
  return (PROVIDERS as readonly string[]).includes(value);
}
