import { option, routesOptions, type ConfigOf } from '@hookline/runtime';

/** What posts and routes need to know. */
export const httpOptions = {
  ...routesOptions,
  signingSecretsFile: option.optionalString({
    env: 'HOOKLINE_SIGNING_SECRETS_FILE',
    help:
      'JSON file with the list of secrets that posts can be signed with: name, and secretFile or secretEnv, where the ' +
      'secret is, as whsec_… of Standard Webhooks. It is read at the start.',
  }),
};

export type HttpConfig = ConfigOf<typeof httpOptions>;
