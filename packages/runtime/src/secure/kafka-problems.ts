import { env, unusedTls, type ConnectionConfig } from './connection-config.ts';

const BASIC = ['kafkaUsername', 'kafkaPasswordFile'] as const;
const CLIENT = ['kafkaOauthTokenUrl', 'kafkaOauthClientId', 'kafkaOauthClientSecretFile'] as const;
const OAUTH = ['kafkaTokenFile', ...CLIENT, 'kafkaOauthScope', 'kafkaOauthCaFile'] as const;

/** What contradicts in the settings of connections to Kafka. */
export function kafkaProblems(config: ConnectionConfig): string[] {
  const { kafkaSasl: sasl, kafkaTls: tls } = config;
  if (sasl === undefined) return [];
  const problems = tls === false ? unusedTls(config, 'kafkaTls', ['kafkaCaFile', 'kafkaCertFile', 'kafkaKeyFile']) : [];
  const isSet = (name: keyof ConnectionConfig) => config[name] !== undefined;
  const useless = sasl === 'none' ? [...BASIC, ...OAUTH] : sasl === 'oauthbearer' ? BASIC : OAUTH;
  for (const name of useless.filter(isSet)) {
    const wanted = (BASIC as readonly string[]).includes(name) ? 'plain or scram-sha-512' : 'oauthbearer';
    problems.push(`${env(name)} is set, and HOOKLINE_KAFKA_SASL is ${sasl}: set that to ${wanted}, or leave it out.`);
  }
  if (sasl === 'oauthbearer') problems.push(...oauthProblems(config));
  else if (sasl !== 'none') {
    for (const name of BASIC) if (!isSet(name)) problems.push(`${env(name)} is not set: ${sasl} needs it.`);
  }
  if (tls === false && (sasl === 'plain' || sasl === 'oauthbearer')) {
    problems.push(
      `HOOKLINE_KAFKA_SASL is ${sasl}, and HOOKLINE_KAFKA_TLS is not true: the secret would be sent for all to read. ` +
        'Set HOOKLINE_KAFKA_TLS=true, or use scram-sha-512.',
    );
  }
  return problems;
}

function oauthProblems(config: ConnectionConfig): string[] {
  const set = CLIENT.filter((name) => config[name] !== undefined);
  if (config.kafkaTokenFile !== undefined) {
    return set.map((name) => `HOOKLINE_KAFKA_TOKEN_FILE and ${env(name)} are both set: keep one way to a token.`);
  }
  if (set.length === CLIENT.length) return [];
  if (set.length === 0) {
    return [
      'HOOKLINE_KAFKA_SASL is oauthbearer, and there is no way to a token: set HOOKLINE_KAFKA_TOKEN_FILE, or ' +
        `${CLIENT.map(env).join(', ')}.`,
    ];
  }
  const missing = CLIENT.filter((name) => !set.includes(name));
  return missing.map((name) => `${env(name)} is not set, and ${set.map(env).join(' and ')} need it.`);
}
