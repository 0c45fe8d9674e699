import { option, routesOptions, type ConfigOf } from '@hookline/runtime';

/** What posts and routes need to know. */
export const httpOptions = {
  ...routesOptions,
  signingSecretsFile: option.optionalString({
    env: 'HOOKLINE_SIGNING_SECRETS_FILE',
    help:
      'JSON file with the list of secrets that posts can be signed with: name, and secretFile or secretEnv, where the ' +
      'secret is, as whsec_… of Standard Webhooks.',
  }),
  routesPollMs: option.duration({
    env: 'HOOKLINE_ROUTES_POLL_MS',
    help: 'How often the relay looks at the files of routes and signing secrets, and at the secrets that they name, for changes.',
    min: 100,
    default: 3_000,
  }),
};

export type HttpConfig = ConfigOf<typeof httpOptions>;
