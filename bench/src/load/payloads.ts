import { createRequire } from 'node:module';

/**
 * What deliveries carry. `push`: one push, of about the median size. `examples`: every example of GitHub's that has a
 * repository, in turn, from 6 to 27 kB. `small`: 200 bytes, where what is not paid by the byte shows.
 * `N bytes`: about so many, from 300 on, of text of the examples.
 */
export type PayloadSet = 'push' | 'examples' | 'small' | `${number} bytes`;

export interface Payload {
  event: string;
  action: string | null;
  body: Buffer;
}

/** Makes a payload of a repository that no other delivery has: of one body twice, the second is a suspected replay. */
export type MakePayload = (repository: number, guid: string) => Payload;

interface Example extends Record<string, unknown> {
  action?: string;
  repository?: { id?: number } & Record<string, unknown>;
}

/** Stand in a template where the repository's id and something unique go. */
const ID = 987_654_321_987;
const UNIQUE = 'unique-in-each-delivery';

/** A maker of its own for each caller: the examples of one come in turn, from the first on. */
export function payloadsOf(set: PayloadSet): MakePayload {
  const templates = (made[set] ??= templatesOf(set));
  let turn = 0;
  return (repository, guid) => {
    const template = templates[turn] as MakePayload;
    turn = (turn + 1) % templates.length;
    return template(repository, guid);
  };
}

const made: Partial<Record<PayloadSet, MakePayload[]>> = {};

function templatesOf(set: PayloadSet): MakePayload[] {
  return isNamed(set) ? TEMPLATES[set]() : ofSize(Number.parseInt(set, 10));
}

const TEMPLATES = {
  push() {
    const push = examples().find(({ name }) => name === 'push')?.example as Example;
    return [templateOf('push', { ...push, after: UNIQUE })];
  },
  examples: () =>
    examples()
      .filter(({ example }) => example.repository?.id !== undefined)
      .map(({ name, example }) => templateOf(name, { ...example, unique: UNIQUE })),
  small() {
    const small = {
      action: 'started',
      repository: { name: 'hello-world', full_name: 'octocat/hello-world', fork: false },
    };
    return [templateOf('watch', { ...small, sender: { login: 'octocat', id: 583231 }, unique: UNIQUE })];
  },
} satisfies Record<string, () => MakePayload[]>;

function isNamed(set: string): set is keyof typeof TEMPLATES {
  return set in TEMPLATES;
}

/** So many templates of one size that no batch is compressed as if its bodies were copies of each other. */
const TEXTS = 40;
/** What a body has beside its text. */
const AROUND = 190;

function ofSize(bytes: number): MakePayload[] {
  // No character of it is escaped, so that it takes as many bytes in JSON as it has.
  const all = JSON.stringify(examples()).replaceAll(/["\\]|[^ -~]/g, ' ');
  const length = Math.max(0, bytes - AROUND);
  const text = all.repeat(Math.ceil((2 * length) / all.length) + 1);
  return Array.from({ length: TEXTS }, (_, n) => {
    const from = Math.floor((n * all.length) / TEXTS);
    return templateOf('watch', {
      action: 'started',
      repository: { full_name: 'octocat/hello-world' },
      sender: { login: 'octocat', id: 583231 },
      unique: UNIQUE,
      text: text.slice(from, from + length),
    });
  });
}

function examples(): { name: string; example: Example }[] {
  const definitions = createRequire(import.meta.url)('@octokit/webhooks-examples') as {
    name: string;
    examples: Example[];
  }[];
  return definitions.flatMap(({ name, examples }) => examples.map((example) => ({ name, example })));
}

function templateOf(event: string, example: Example): MakePayload {
  const json = JSON.stringify({ ...example, repository: { ...example.repository, id: ID } });
  const parts = json.split(new RegExp(`(${ID}|${UNIQUE})`));
  const action = example.action ?? null;
  return (repository, guid) => {
    const text = parts.map((part) => (part === UNIQUE ? guid : part === String(ID) ? repository : part)).join('');
    return { event, action, body: Buffer.from(text) };
  };
}
