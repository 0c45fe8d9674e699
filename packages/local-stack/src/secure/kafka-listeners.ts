/** A listener of Kafka that is spoken to by TLS. */
export interface SecureListener {
  port: number;
  /** PEM file with the listener's key and certificate. */
  keystore: string;
  /** PEM file with the authorities of clients. */
  truststore: string;
  /** Whether clients must show a certificate, or say who they are by SASL, or neither. */
  clients: 'certificate' | 'sasl' | 'any';
}

/** Users and tokens of the listeners with SASL. */
export interface SecureUsers {
  /** Passwords by name, the same by each mechanism. */
  passwords: Record<string, string>;
  /** Keys that tokens must be signed by, as a JWKS file. */
  jwksFile: string;
  issuer: string;
  audience: string;
}

/** By name, which is that of the listener: upper case letters. */
export type SecureListeners = Record<string, SecureListener>;

const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule';
const OAUTH = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule';
const OAUTH_VALIDATOR = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler';
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'];

/** What is added to a broker's configuration, whose own listeners are `before`. */
export function secureProperties(
  before: Record<string, string>,
  listeners: SecureListeners,
  users: SecureUsers,
): Record<string, string> {
  const each = Object.entries(listeners);
  const more = (name: string, values: string[]) => [before[name], ...values].join(',');
  const addresses = each.map(([name, { port }]) => `${name}://127.0.0.1:${port}`);
  const protocols = each.map(([name, { clients }]) => `${name}:${clients === 'sasl' ? 'SASL_SSL' : 'SSL'}`);
  return {
    listeners: more('listeners', addresses),
    // By name: certificates are for it.
    'advertised.listeners': more(
      'advertised.listeners',
      each.map(([name, { port }]) => `${name}://localhost:${port}`),
    ),
    'listener.security.protocol.map': more('listener.security.protocol.map', protocols),
    ...Object.fromEntries(each.flatMap(([name, listener]) => listenerProperties(name, listener, users))),
  };
}

function listenerProperties(name: string, listener: SecureListener, users: SecureUsers): [string, string][] {
  const prefix = `listener.name.${name.toLowerCase()}.`;
  const properties: Record<string, string> = {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': listener.keystore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': listener.truststore,
    'ssl.client.auth': listener.clients === 'certificate' ? 'required' : 'none',
    ...(listener.clients === 'sasl' ? saslProperties(users) : {}),
  };
  return Object.entries(properties).map(([key, value]) => [prefix + key, value]);
}

function saslProperties({ passwords, jwksFile, issuer, audience }: SecureUsers): Record<string, string> {
  const known = Object.entries(passwords).map(([user, password]) => `user_${user}="${password}"`);
  return {
    'sasl.enabled.mechanisms': MECHANISMS.join(','),
    'plain.sasl.jaas.config': `${PLAIN} required ${known.join(' ')};`,
    'scram-sha-256.sasl.jaas.config': `${SCRAM} required;`,
    'scram-sha-512.sasl.jaas.config': `${SCRAM} required;`,
    'oauthbearer.sasl.jaas.config': `${OAUTH} required;`,
    'oauthbearer.sasl.server.callback.handler.class': OAUTH_VALIDATOR,
    'oauthbearer.sasl.oauthbearer.jwks.endpoint.url': `file://${jwksFile}`,
    'oauthbearer.sasl.oauthbearer.expected.issuer': issuer,
    'oauthbearer.sasl.oauthbearer.expected.audience': audience,
  };
}

/** Arguments of the program that formats a broker's directory, which makes the users of SCRAM. */
export function scramArguments({ passwords }: SecureUsers): string[] {
  return Object.entries(passwords).flatMap(([name, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${name},password=${password}]`,
    ]),
  );
}

/** Without which the broker reads no such file. */
export function jwksArguments({ jwksFile }: SecureUsers): string[] {
  return [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://${jwksFile}`];
}
