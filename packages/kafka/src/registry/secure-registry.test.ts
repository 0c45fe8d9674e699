import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { secureStack, testStack, type SecureAddresses } from '@hookline/local-stack';
import { behindTls, type BehindTls } from '@hookline/test-support';
import { silent } from '../testing/open-log.ts';
import { createSchemaRegistry } from './create-schema-registry.ts';
import { registryConnection, type RegistryConnectionSettings } from './registry-connection.ts';

const BASIC = `Basic ${Buffer.from('hookline:pass:word').toString('base64')}`;

let stack: SecureAddresses;
let proxies: Record<'basic' | 'bearer' | 'expired' | 'otherHost', BehindTls>;

beforeAll(async () => {
  stack = await secureStack();
  const { registryUrl } = await testStack();
  const [basic, bearer, expired, otherHost] = await Promise.all([
    behindTls(registryUrl, stack.server, BASIC),
    behindTls(registryUrl, stack.server, 'Bearer a-token'),
    behindTls(registryUrl, stack.expired),
    behindTls(registryUrl, stack.otherHost),
  ]);
  proxies = { basic, bearer, expired, otherHost };
});
afterAll(() => Promise.all(Object.values(proxies ?? {}).map((proxy) => proxy.close())));

function fileWith(text: string): string {
  const path = join(stack.directory, `test-${randomBytes(6).toString('hex')}`);
  writeFileSync(path, text);
  return path;
}

const at = (proxy: keyof typeof proxies, more: Partial<RegistryConnectionSettings> = {}) =>
  registryConnection({ registryUrl: proxies[proxy].url, registryCaFile: stack.caFile, ...more });
const byUser = (password = 'pass:word') =>
  at('basic', { registryUsername: 'hookline', registryPasswordFile: fileWith(`${password}\n`) });

const open = (connection: ReturnType<typeof registryConnection>) =>
  createSchemaRegistry({ ...connection, timeoutMs: 10_000 }, silent);

describe('a registry behind TLS', () => {
  it.each<[string, () => ReturnType<typeof registryConnection>]>([
    ['a user', () => byUser()],
    ['a token', () => at('bearer', { registryTokenFile: fileWith('a-token\n') })],
  ])('is used with %s, to register and to read', async (_, connection) => {
    const topic = `secure.${randomBytes(6).toString('hex')}`;
    const registry = open(connection());
    const id = await registry.registerDeliverySchema(topic);
    expect(await open(connection()).deliverySchemaId(topic)).toBe(id);
  });

  it.each<[string, () => ReturnType<typeof registryConnection>, string]>([
    ['of another authority', () => ({ ...byUser(), tls: { caFile: stack.otherCaFile } }), 'HOOKLINE_REGISTRY_CA_FILE'],
    ['of no public authority', () => ({ ...byUser(), tls: undefined }), 'HOOKLINE_REGISTRY_CA_FILE must hold'],
    ['that has expired', () => at('expired'), 'certificate has expired: renew'],
    ['of another host', () => at('otherHost'), 'is for another host'],
  ])('is not used with a certificate %s, for no kind of request', async (_, connection, said) => {
    const registry = open(connection());
    const failure = { code: 'REGISTRY_UNAVAILABLE', message: expect.stringContaining(said) as unknown };
    await expect(registry.deliverySchemaId('any')).rejects.toMatchObject(failure);
    await expect(registry.registerDeliverySchema('any')).rejects.toMatchObject(failure);
  });

  it('says that it refuses a password, and takes the one that replaces it', async () => {
    const connection = byUser('wrong');
    const registry = open(connection);
    await expect(registry.deliverySchemaId('any')).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('status 401') as unknown,
    });
    writeFileSync((connection.auth as { passwordFile: string }).passwordFile, 'pass:word');
    await expect(registry.deliverySchemaId('any')).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' });
  });
});
