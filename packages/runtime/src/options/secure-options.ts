import { option } from './kinds.ts';

/** How connections to Kafka are secured. Files are read again at each connect. */
export const kafkaSecurityOptions = {
  kafkaTls: option.boolean({
    env: 'HOOKLINE_KAFKA_TLS',
    help: 'Whether brokers are spoken to by TLS. Their certificate and its host name are then always checked.',
    default: false,
  }),
  kafkaCaFile: option.optionalString({
    env: 'HOOKLINE_KAFKA_CA_FILE',
    help: "PEM file with the authorities that may have signed the brokers' certificates. Not set: those of Node.js.",
  }),
  kafkaCertFile: option.optionalString({
    env: 'HOOKLINE_KAFKA_CERT_FILE',
    help: 'PEM file with our own certificate and its chain, where brokers ask for one.',
  }),
  kafkaKeyFile: option.optionalString({
    env: 'HOOKLINE_KAFKA_KEY_FILE',
    help: 'PEM file with the key of that certificate, without a passphrase.',
  }),
  kafkaSasl: option.choice({
    env: 'HOOKLINE_KAFKA_SASL',
    help: 'How we say to brokers who we are. plain and oauthbearer need TLS, as they send the secret itself.',
    choices: ['none', 'plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'],
    default: 'none',
  }),
  kafkaUsername: option.optionalString({
    env: 'HOOKLINE_KAFKA_USERNAME',
    help: 'User, for plain and scram.',
  }),
  kafkaPasswordFile: option.optionalString({
    env: 'HOOKLINE_KAFKA_PASSWORD_FILE',
    help: "File with that user's password.",
  }),
  kafkaTokenFile: option.optionalString({
    env: 'HOOKLINE_KAFKA_TOKEN_FILE',
    help: 'File with a token for oauthbearer, which somebody else keeps fresh; instead of HOOKLINE_KAFKA_OAUTH_TOKEN_URL.',
  }),
  kafkaOauthTokenUrl: option.optionalUrl({
    env: 'HOOKLINE_KAFKA_OAUTH_TOKEN_URL',
    help: 'Where tokens for oauthbearer are fetched, with client credentials; they are fetched anew before they expire.',
    schemes: ['https'],
  }),
  kafkaOauthClientId: option.optionalString({
    env: 'HOOKLINE_KAFKA_OAUTH_CLIENT_ID',
    help: 'The client for which they are fetched.',
  }),
  kafkaOauthClientSecretFile: option.optionalString({
    env: 'HOOKLINE_KAFKA_OAUTH_CLIENT_SECRET_FILE',
    help: "File with that client's secret.",
  }),
  kafkaOauthScope: option.optionalString({
    env: 'HOOKLINE_KAFKA_OAUTH_SCOPE',
    help: 'Scopes to ask for, with spaces between them.',
  }),
  kafkaOauthCaFile: option.optionalString({
    env: 'HOOKLINE_KAFKA_OAUTH_CA_FILE',
    help: "PEM file with the authorities that may have signed the token server's certificate. Not set: those of Node.js.",
  }),
};

/** How requests to the registry are secured: by TLS where its URL is https. Files are read again at each request. */
export const registrySecurityOptions = {
  registryCaFile: option.optionalString({
    env: 'HOOKLINE_REGISTRY_CA_FILE',
    help: "PEM file with the authorities that may have signed the registry's certificate. Not set: those of Node.js.",
  }),
  registryCertFile: option.optionalString({
    env: 'HOOKLINE_REGISTRY_CERT_FILE',
    help: 'PEM file with our own certificate and its chain, where the registry asks for one.',
  }),
  registryKeyFile: option.optionalString({
    env: 'HOOKLINE_REGISTRY_KEY_FILE',
    help: 'PEM file with the key of that certificate, without a passphrase.',
  }),
  registryUsername: option.optionalString({
    env: 'HOOKLINE_REGISTRY_USERNAME',
    help: 'User at the registry, by basic authentication.',
  }),
  registryPasswordFile: option.optionalString({
    env: 'HOOKLINE_REGISTRY_PASSWORD_FILE',
    help: "File with that user's password.",
  }),
  registryTokenFile: option.optionalString({
    env: 'HOOKLINE_REGISTRY_TOKEN_FILE',
    help: 'File with a bearer token for the registry, instead of a user.',
  }),
};

/** How connections to PostgreSQL are secured. Files are read again at each connect. */
export const databaseSecurityOptions = {
  databaseUrlFile: option.fileOf({ env: 'HOOKLINE_DATABASE_URL' }),
  databasePasswordFile: option.optionalString({
    env: 'HOOKLINE_DATABASE_PASSWORD_FILE',
    help: 'File with the password, instead of one in HOOKLINE_DATABASE_URL.',
  }),
  databaseTls: option.boolean({
    env: 'HOOKLINE_DATABASE_TLS',
    help: 'Whether PostgreSQL is spoken to by TLS, as sslmode=verify-full: its certificate and host name are always checked.',
    default: false,
  }),
  databaseCaFile: option.optionalString({
    env: 'HOOKLINE_DATABASE_CA_FILE',
    help: "PEM file with the authorities that may have signed the database's certificate. Not set: those of Node.js.",
  }),
  databaseCertFile: option.optionalString({
    env: 'HOOKLINE_DATABASE_CERT_FILE',
    help: 'PEM file with our own certificate and its chain, where the database asks for one.',
  }),
  databaseKeyFile: option.optionalString({
    env: 'HOOKLINE_DATABASE_KEY_FILE',
    help: 'PEM file with the key of that certificate, without a passphrase.',
  }),
};
