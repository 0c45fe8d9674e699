import { parseArgs } from 'node:util';
import { TARGETS } from './targets.ts';
import type { Target } from './targets.ts';

export const USAGE = `Usage: npm run images -- [--target NAME]… [--tag TAG]… [--prefix PREFIX] [--push] [--no-sbom]

Builds the images of infra/docker/Dockerfile with the engine that answers (docker, or podman), prints their sizes, and
writes a bill of materials (CycloneDX) of each to dist/sbom.

  --target NAME    ${TARGETS.map(({ name }) => name).join(', ')}; again for several; default: all
  --tag TAG        default: the version of package.json
  --prefix PREFIX  what stands before the name; default: hookline/ (yours: registry.example.com/team/hookline-)
  --push           push what was built
  --no-sbom        no bills of materials`;

export interface ImagesOptions {
  targets: readonly Target[];
  tags: string[];
  prefix: string;
  push: boolean;
  sbom: boolean;
}

export type ParsedImages = { success: true; options: ImagesOptions } | { success: false; reason: string } | 'help';

/** What `npm run images` is asked for. `version` is the tag where none is given. */
export function parseImages(args: string[], version: string): ParsedImages {
  try {
    const { values } = parseArgs({
      args,
      allowNegative: true,
      options: {
        target: { type: 'string', multiple: true },
        tag: { type: 'string', multiple: true },
        prefix: { type: 'string', default: 'hookline/' },
        push: { type: 'boolean', default: false },
        sbom: { type: 'boolean', default: true },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const names = values.target ?? TARGETS.map(({ name }) => name);
    const unknown = names.find((name) => TARGETS.every((target) => target.name !== name));
    if (unknown !== undefined) return { success: false, reason: `There is no target "${unknown}".` };
    const targets = TARGETS.filter(({ name }) => names.includes(name));
    const { tag: tags = [version], prefix, push, sbom } = values;
    const wrong = tags.find((tag) => !/^\w[\w.-]{0,127}$/.test(tag));
    if (wrong !== undefined) return { success: false, reason: `"${wrong}" cannot be a tag.` };
    return { success: true, options: { targets, tags, prefix, push, sbom } };
  } catch (error) {
    return { success: false, reason: (error as Error).message };
  }
}
