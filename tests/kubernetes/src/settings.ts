import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run test:kubernetes -- [--only STEP,…] [--tag TAG] [--previous TAG] [--keep] [--help]

Installs the chart on a Kubernetes and shows that nothing is lost, doubled or reordered, whatever happens to its pods.

  --only STEP,…   these steps alone, behind those that install
  --tag TAG       tag of the images under test (default: the version in package.json)
  --previous TAG  images of the version before: it is installed first, and upgraded from
  --keep          leave everything in place at the end

Environment:
  HOOKLINE_KUBECONFIG   the cluster (default: that of kubectl)
  HOOKLINE_KUBE_RUN     command that runs another where the cluster can be reached, as "ssh host"
  HOOKLINE_KUBE_IMPORT  command that gives the cluster's nodes the images of a "docker save" archive, whose path is added;
                        without it the nodes can pull the images, or have them
  HOOKLINE_KUBE_ARCHIVES  such archives, separated by commas; without it they are saved from Docker`;

export interface Settings {
  kubeconfig: string | undefined;
  /** What each command is run by. */
  prefix: readonly string[];
  importer: readonly string[] | undefined;
  archives: readonly string[];
  tag: string | undefined;
  previous: string | undefined;
  only: readonly string[];
  keep: boolean;
  help: boolean;
}

/** Throws a TypeError where an argument is unknown. */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      tag: { type: 'string' },
      previous: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    kubeconfig: env['HOOKLINE_KUBECONFIG'],
    prefix: words(env['HOOKLINE_KUBE_RUN']),
    importer: env['HOOKLINE_KUBE_IMPORT'] ? words(env['HOOKLINE_KUBE_IMPORT']) : undefined,
    archives: list(env['HOOKLINE_KUBE_ARCHIVES']),
    tag: values.tag,
    previous: values.previous,
    only: list(values.only),
    keep: values.keep,
    help: values.help,
  };
}

function words(text = ''): string[] {
  return text.split(' ').filter((word) => word !== '');
}

function list(text = ''): string[] {
  return text.split(',').filter((word) => word !== '');
}
