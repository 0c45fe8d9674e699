import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** A certificate authority of its own, and a certificate that it has made for a name. */
export async function makeCertificates(name: string): Promise<{ key: string; cert: string; caFile: string }> {
  const ca = await generate([{ name: 'commonName', value: 'Private CA' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const made = await generate([{ name: 'commonName', value: name }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
    ca: { key: ca.private, cert: ca.cert },
  });
  const caFile = join(mkdtempSync(join(tmpdir(), 'hookline-ca-')), 'ca.pem');
  writeFileSync(caFile, `The authority of the tests:\n${ca.cert}`);
  return { key: made.private, cert: made.cert, caFile };
}
