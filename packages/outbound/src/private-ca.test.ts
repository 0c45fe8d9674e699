import { writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { caFileProblems } from './read-ca.ts';
import { makeCertificates } from './testing/certificates.ts';
import { anOutbound, closeOutbounds, namesOf, post } from './testing/outbound-world.ts';
import { startHttps, stopServers } from './testing/servers.ts';

let certificates: { key: string; cert: string; caFile: string };

beforeAll(async () => {
  certificates = await makeCertificates('ghes.example');
});

afterEach(async () => {
  await closeOutbounds();
  await stopServers();
});

const { resolve } = namesOf({ 'ghes.example': ['127.0.0.1'], 'other.example': ['127.0.0.1'] });

describe('a server whose certificate a private authority has made', () => {
  it('is trusted where the file of authorities says so', async () => {
    const { port } = await startHttps((_request, response) => response.end(), certificates);
    const { caFile } = certificates;
    const result = await post(anOutbound({ caFile }, resolve), `https://ghes.example:${port}/`);
    expect(result).toMatchObject({ success: true, status: 200 });
  });

  it('is not trusted otherwise, and gets no byte of the request', async () => {
    const { port } = await startHttps((_request, response) => response.end(), certificates);
    const result = await post(anOutbound({}, resolve), `https://ghes.example:${port}/`);
    expect(result).toMatchObject({ success: false, reason: 'CONNECTION', began: false });
    if (!result.success) expect(result.error).toContain('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('is not trusted under another name', async () => {
    const { port } = await startHttps((_request, response) => response.end(), certificates);
    const { caFile } = certificates;
    const result = await post(anOutbound({ caFile }, resolve), `https://other.example:${port}/`);
    expect(result).toMatchObject({ success: false, reason: 'CONNECTION', began: false });
    if (!result.success) expect(result.error).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

describe('the file of authorities', () => {
  it('must be there, and hold certificates', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'hookline-ca-')), 'ca.pem');
    expect(caFileProblems({ caFile: undefined })).toEqual([]);
    expect(caFileProblems({ caFile: certificates.caFile })).toEqual([]);
    expect(caFileProblems({ caFile: path })).toEqual([
      `HOOKLINE_CA_FILE is ${JSON.stringify(path)}: ENOENT: no such file or directory, open '${path}'.`,
    ]);
    writeFileSync(path, 'nothing of the kind');
    expect(caFileProblems({ caFile: path })).toEqual([
      `HOOKLINE_CA_FILE is ${JSON.stringify(path)}: it holds no PEM certificate.`,
    ]);
    writeFileSync(path, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect(caFileProblems({ caFile: path })).toHaveLength(1);
  });
});
