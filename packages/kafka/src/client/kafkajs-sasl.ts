import { readSecretFile } from '@hookline/runtime';
import type { Mechanism, SASLOptions } from 'kafkajs';
import type { KafkaSasl, OauthClient } from './kafka-connection.ts';
import { oauthbearer } from './oauthbearer.ts';
import { createTokens } from './tokens.ts';

/**
 * As KafkaJS takes it. It keeps this object and asks it at each authentication: the password is a getter, and so the one
 * that the file holds then.
 */
export function kafkajsSasl(sasl: KafkaSasl): SASLOptions | Mechanism {
  if (sasl.mechanism !== 'oauthbearer') return byPassword(sasl);
  return { mechanism: 'oauthbearer', authenticationProvider: oauthbearer(tokenOf(sasl)) };
}

function byPassword({
  mechanism,
  username,
  passwordFile,
}: Exclude<KafkaSasl, { mechanism: 'oauthbearer' }>): SASLOptions {
  return {
    mechanism,
    username,
    get password() {
      return readSecretFile(passwordFile);
    },
  };
}

function tokenOf(sasl: { tokenFile: string } | { client: OauthClient }): () => Promise<string> {
  if ('client' in sasl) return tokensOf(sasl.client);
  return () => Promise.resolve(sasl.tokenFile).then((path) => readSecretFile(path).trim());
}

/** Clients are made often, of one connection: they share its tokens. */
const shared = new WeakMap<OauthClient, () => Promise<string>>();

function tokensOf(client: OauthClient): () => Promise<string> {
  const tokens = shared.get(client) ?? createTokens(client);
  shared.set(client, tokens);
  return tokens;
}
