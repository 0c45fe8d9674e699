import type { TlsFiles } from '@hookline/runtime';
import type { ISocketFactory } from 'kafkajs';

/** How to reach a broker at the address that Kafka has told for it. */
export type OpenSocket = ISocketFactory;

/** Where Kafka is and as whom we call. Files are read again at each connect, so that they can be replaced. */
export interface KafkaConnection {
  /** `host:port` of one broker or more; the rest is found through them. */
  brokers: string[];
  /** Shown in the brokers' logs and quotas. */
  clientId: string;
  /** Default: a connection to that address, by `tls`. A test routes it through a proxy. */
  openSocket?: OpenSocket | undefined;
  /** TLS, with certificate and host name checked, by the authorities of these files. Absent: a plain connection. */
  tls?: TlsFiles | undefined;
  /** Absent: we do not say who we are. */
  sasl?: KafkaSasl | undefined;
}

/** How we say to a broker who we are. */
export type KafkaSasl =
  | { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; passwordFile: string }
  | { mechanism: 'oauthbearer'; tokenFile: string }
  | { mechanism: 'oauthbearer'; client: OauthClient };

/** A client that fetches its tokens by client credentials. */
export interface OauthClient {
  tokenUrl: string;
  clientId: string;
  clientSecretFile: string;
  scope?: string | undefined;
  caFile?: string | undefined;
}

/** The settings of a connection to Kafka, as the option table names them; they do not contradict. */
export interface KafkaSettings {
  kafkaBrokers: string[];
  kafkaClientId: string;
  kafkaTls?: boolean;
  kafkaCaFile?: string | undefined;
  kafkaCertFile?: string | undefined;
  kafkaKeyFile?: string | undefined;
  kafkaSasl?: 'none' | KafkaSasl['mechanism'];
  kafkaUsername?: string | undefined;
  kafkaPasswordFile?: string | undefined;
  kafkaTokenFile?: string | undefined;
  kafkaOauthTokenUrl?: string | undefined;
  kafkaOauthClientId?: string | undefined;
  kafkaOauthClientSecretFile?: string | undefined;
  kafkaOauthScope?: string | undefined;
  kafkaOauthCaFile?: string | undefined;
}

/** The connection that these settings describe. */
export function kafkaConnection(settings: KafkaSettings): KafkaConnection {
  const { kafkaCaFile: caFile, kafkaCertFile: certFile, kafkaKeyFile: keyFile } = settings;
  return {
    brokers: settings.kafkaBrokers,
    clientId: settings.kafkaClientId,
    tls: settings.kafkaTls ? { caFile, certFile, keyFile } : undefined,
    sasl: saslOf(settings),
  };
}

function saslOf(settings: KafkaSettings): KafkaSasl | undefined {
  const { kafkaSasl: mechanism = 'none', kafkaTokenFile: tokenFile } = settings;
  if (mechanism === 'none') return undefined;
  if (mechanism !== 'oauthbearer') {
    const { kafkaUsername: username = '', kafkaPasswordFile: passwordFile = '' } = settings;
    return { mechanism, username, passwordFile };
  }
  if (tokenFile !== undefined) return { mechanism, tokenFile };
  const { kafkaOauthTokenUrl = '', kafkaOauthClientId = '', kafkaOauthClientSecretFile = '' } = settings;
  return {
    mechanism,
    client: {
      tokenUrl: kafkaOauthTokenUrl,
      clientId: kafkaOauthClientId,
      clientSecretFile: kafkaOauthClientSecretFile,
      scope: settings.kafkaOauthScope,
      caFile: settings.kafkaOauthCaFile,
    },
  };
}
