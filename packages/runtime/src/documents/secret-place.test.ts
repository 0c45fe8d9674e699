import { describe, expect, it } from '@jest/globals';
import { readSecret, type SecretOrigins } from './secret-place.ts';

const origins: SecretOrigins = {
  readFile: (path) => {
    if (path === '/there') return 'in the file \n';
    throw new Error(`no such file: ${path}`);
  },
  environment: { SET: 'in the environment' },
};

describe('a secret', () => {
  it('is read from where it is', () => {
    expect(readSecret({ file: '/there' }, origins)).toEqual({ success: true, secret: 'in the file ' });
    expect(readSecret({ env: 'SET' }, origins)).toEqual({ success: true, secret: 'in the environment' });
  });

  it('that is not there is told of', () => {
    expect(readSecret({ file: '/nowhere' }, origins)).toEqual({
      success: false,
      reason: 'names a file that cannot be read (no such file: /nowhere)',
    });
    expect(readSecret({ env: 'UNSET' }, origins)).toEqual({
      success: false,
      reason: 'names the variable UNSET, which is not set',
    });
  });
});
