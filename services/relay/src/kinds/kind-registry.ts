import type { EffectKind } from '@hookline/runtime';

/** The kinds that a relay can send, by their names. */
export interface KindRegistry {
  find(name: string): EffectKind | undefined;
  names(): string[];
}

/** What is wrong with a list of kinds: one sentence per problem, none where nothing is. */
export function kindProblems(kinds: readonly EffectKind[]): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { name, look, onAmbiguous, send, target } of kinds) {
    if (typeof name !== 'string' || name === '') {
      problems.push('A kind of effect has no name.');
      continue;
    }
    if (seen.has(name)) problems.push(`Two kinds of effects have the name ${name}.`);
    seen.add(name);
    for (const [what, value] of Object.entries({ onAmbiguous, send, target })) {
      if (typeof value !== 'function') problems.push(`The kind ${name} has no function \`${what}\`.`);
    }
    if (look !== undefined && typeof look !== 'function') {
      problems.push(`The kind ${name} has a \`look\` that is no function.`);
    }
  }
  return problems;
}

/** @throws {Error} with all of {@link kindProblems} */
export function createKindRegistry(kinds: readonly EffectKind[]): KindRegistry {
  const problems = kindProblems(kinds);
  if (problems.length > 0) throw new Error(problems.join(' '));
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  return { find: (name) => byName.get(name), names: () => [...byName.keys()] };
}
