import { randomBytes } from 'node:crypto';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { secureStack, signToken, type SecureAddresses } from '@hookline/local-stack';
import { createLogger } from '@hookline/runtime';
import { startTokenServer, type TokenServer } from '../testing/token-server.ts';
import { createKafka } from './create-kafka.ts';
import { kafkaConnection, type KafkaSettings } from './kafka-connection.ts';

let stack: SecureAddresses;
let tokens: TokenServer;
const lines: string[] = [];
const logger = createLogger({
  service: 'test',
  level: 'trace',
  destination: { write: (line) => void lines.push(line) },
});

beforeAll(async () => {
  stack = await secureStack();
  tokens = await startTokenServer(stack);
});
beforeEach(() => {
  tokens.answers(200, { access_token: signToken(stack), expires_in: 300 });
  tokens.requests.length = 0;
});
afterAll(() => tokens?.close());

/** A file of its own with this in it. */
function fileWith(text: string): string {
  const path = join(stack.directory, `test-${randomBytes(6).toString('hex')}`);
  writeFileSync(path, text);
  return path;
}

type Listener = keyof SecureAddresses['brokers'];
const settings = (listener: Listener, more: Partial<KafkaSettings> = {}): KafkaSettings => ({
  kafkaBrokers: [stack.brokers[listener]],
  kafkaClientId: 'secure-test',
  kafkaTls: true,
  kafkaCaFile: stack.caFile,
  ...more,
});
const byPassword = (kafkaSasl: 'plain' | 'scram-sha-256' | 'scram-sha-512', password = stack.password) =>
  settings('sasl', { kafkaSasl, kafkaUsername: stack.user, kafkaPasswordFile: fileWith(`${password}\n`) });
const byToken = (token = signToken(stack)) =>
  settings('sasl', { kafkaSasl: 'oauthbearer', kafkaTokenFile: fileWith(token) });
const byClient = () =>
  settings('sasl', {
    kafkaSasl: 'oauthbearer',
    kafkaOauthTokenUrl: tokens.url,
    kafkaOauthClientId: 'a:client',
    kafkaOauthClientSecretFile: fileWith('s p+a%ce'),
    kafkaOauthScope: 'kafka',
    kafkaOauthCaFile: stack.caFile,
  });
const byCertificate = () =>
  settings('certificate', { kafkaCertFile: stack.client.certFile, kafkaKeyFile: stack.client.keyFile });

const connecting = (of: KafkaSettings) => connect(kafkaConnection(of));

async function connect(connection: ReturnType<typeof kafkaConnection>): Promise<void> {
  const admin = createKafka(connection, logger, { retry: { retries: 0 } }).admin();
  try {
    await admin.connect();
    await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
}

describe('a connection to Kafka by TLS', () => {
  it.each<[string, () => KafkaSettings]>([
    ['PLAIN', () => byPassword('plain')],
    ['SCRAM-SHA-256', () => byPassword('scram-sha-256')],
    ['SCRAM-SHA-512', () => byPassword('scram-sha-512')],
    ['OAUTHBEARER, a token in a file', () => byToken()],
    ['OAUTHBEARER, client credentials', () => byClient()],
    ['a certificate', () => byCertificate()],
  ])('is made with %s, and no line of the log has the secret', async (_, of) => {
    lines.length = 0;
    await connecting(of());
    expect(lines.length).toBeGreaterThan(5);
    const { password } = stack;
    for (const secret of [password, Buffer.from(`\0${stack.user}\0${password}`).toString('base64'), 'eyJhbGci']) {
      expect(lines.join('')).not.toContain(secret);
    }
  });

  it.each<[string, () => KafkaSettings, RegExp]>([
    [
      'of another authority',
      () => settings('sasl', { kafkaCaFile: stack.otherCaFile }),
      /: HOOKLINE_KAFKA_CA_FILE must/,
    ],
    ['of no public authority', () => settings('sasl', { kafkaCaFile: undefined }), /: HOOKLINE_KAFKA_CA_FILE must/],
    ['that has expired', () => settings('expired'), /certificate has expired: renew/],
    ['of another host', () => settings('otherHost'), /is for another host: connect by a name/],
    [
      'without our address in it',
      () => settings('sasl', { kafkaBrokers: [stack.brokers.sasl.replace('localhost', '127.0.0.1')] }),
      /is for another host/,
    ],
  ])('is not made with a certificate %s', async (_, of, said) => {
    await expect(connecting(of())).rejects.toThrow(said);
  });

  it('is not made without TLS instead', async () => {
    await expect(connecting(settings('plain'))).rejects.toThrow(/speaks? no TLS|does not speak TLS/);
  });

  it('is not made without the certificate that the broker asks for', async () => {
    await expect(connecting(settings('certificate'))).rejects.toThrow(/HOOKLINE_KAFKA_CERT_FILE/);
  });

  it.each<[string, () => KafkaSettings]>([
    ['password, by PLAIN', () => byPassword('plain', 'wrong')],
    ['password, by SCRAM', () => byPassword('scram-sha-512', 'wrong')],
    ['token', () => byToken(signToken(stack, { aud: 'others' }))],
  ])('is not made with a wrong %s', async (_, of) => {
    await expect(connecting(of())).rejects.toThrow(/authentication failed/i);
  });
});

// By one client: services keep theirs for as long as they run.
describe('a file that is replaced', () => {
  function attempts(connection: ReturnType<typeof kafkaConnection>): () => Promise<void> {
    const client = createKafka(connection, logger, { retry: { retries: 0 } });
    return async () => {
      const admin = client.admin();
      try {
        await admin.connect();
      } finally {
        await admin.disconnect();
      }
    };
  }

  it('has its password used by the next connection', async () => {
    const connection = kafkaConnection(byPassword('scram-sha-512', 'old'));
    const attempt = attempts(connection);
    await expect(attempt()).rejects.toThrow(/authentication failed/i);
    writeFileSync((connection.sasl as { passwordFile: string }).passwordFile, stack.password);
    await attempt();
  });

  it('has its authorities used by the next connection', async () => {
    const caFile = fileWith('none yet');
    const attempt = attempts(kafkaConnection({ ...byCertificate(), kafkaCaFile: caFile }));
    await expect(attempt()).rejects.toThrow(/cannot be used: it holds no PEM certificate/);
    copyFileSync(stack.caFile, caFile);
    await attempt();
  });
});

describe('tokens by client credentials', () => {
  it('are asked for as RFC 6749 says', async () => {
    await connecting(byClient());
    expect(tokens.requests).toEqual([
      {
        authorization: `Basic ${Buffer.from('a%3Aclient:s+p%2Ba%25ce').toString('base64')}`,
        form: { grant_type: 'client_credentials', scope: 'kafka' },
      },
    ]);
  });

  it('are shared by all clients of a connection while they last', async () => {
    const connection = kafkaConnection(byClient());
    await Promise.all([connect(connection), connect({ ...connection })]);
    await connect(connection);
    expect(tokens.requests).toHaveLength(1);

    const brief = kafkaConnection(byClient());
    tokens.answers(200, { access_token: signToken(stack) });
    await connect(brief);
    await connect(brief);
    expect(tokens.requests).toHaveLength(3);
  });

  it('that are refused are told with the reason, and without what is secret', async () => {
    tokens.answers(401, { error: 'invalid_client', error_description: 's p+a%ce' });
    await expect(connecting(byClient())).rejects.toThrow(`${tokens.url} gives no token: status 401 (invalid_client)`);
    tokens.answers(200, {});
    await expect(connecting(byClient())).rejects.toThrow('answers 200 without a token');
    const untrusted = { ...byClient(), kafkaOauthCaFile: stack.otherCaFile };
    await expect(connecting(untrusted)).rejects.toThrow('HOOKLINE_KAFKA_OAUTH_CA_FILE must hold');
    expect(lines.join('')).not.toContain('s p+a%ce');
  });
});
