import { EFFECT_KINDS } from '@hookline/contracts';
import { loadModule } from '@hookline/handlers';
import type { EffectKind } from '@hookline/runtime';
import { relayOptions, type RelayConfig } from '../config.ts';
import { kindProblems } from './kind-registry.ts';

/** The kinds of the module that is configured, loaded when the configuration is judged. */
export interface UsersKinds {
  /** What is wrong with the module, a sentence each; none where none is configured. */
  load(config: Partial<RelayConfig>): Promise<string[]>;
  all(): readonly EffectKind[];
}

export function createUsersKinds(): UsersKinds {
  let loaded: readonly EffectKind[] = [];

  async function load(specifier: string): Promise<string[]> {
    const module = await loadModule(specifier);
    if (!module.success) return module.problems;
    const { exported } = module;
    if (!Array.isArray(exported) || exported.length === 0 || !exported.every(isObject)) {
      return ['Its default export is no list of kinds of effects.'];
    }
    const kinds = exported as EffectKind[];
    const builtIn: readonly string[] = EFFECT_KINDS;
    const taken = kinds
      .filter(({ name }) => builtIn.includes(name))
      .map(({ name }) => `There is a kind ${name} already.`);
    const problems = [...kindProblems(kinds), ...taken];
    if (problems.length === 0) loaded = kinds;
    return problems;
  }

  return {
    async load({ effectKindsModule: specifier }) {
      if (specifier === undefined) return [];
      const { env } = relayOptions.effectKindsModule;
      return (await load(specifier)).map((problem) => `${env} is ${JSON.stringify(specifier)}: ${problem}`);
    },
    all: () => loaded,
  };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
