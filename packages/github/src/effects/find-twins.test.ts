import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findTwins, type ListedComment } from './find-twins.ts';
import { effectMarker, hasMarker, stickyMarker, withMarker } from './marker.ts';

const marker = effectMarker('6ba7b810-9dad-81d1-80b4-00c04fd430c8');
const author = { login: 'hookline[bot]', bot: true };
const us = { login: 'Hookline[bot]', type: 'Bot' };

const someone = fc.oneof(
  fc.constant(us),
  fc.constantFrom(null, { login: 'hookline[bot]', type: 'User' }, { login: 'hookline', type: 'Bot' }),
);
const bodies = fc.oneof(
  fc.constantFrom(`x\n\n${marker}`, `x\n\n${marker}\r\n`, `${marker}\n\nx`, `> ${marker}\n\n${effectMarker('other')}`),
  fc.string(),
);
const lists: fc.Arbitrary<ListedComment[]> = fc.uniqueArray(
  fc.record({
    id: fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 54n })),
    html_url: fc.constant(''),
    body: bodies,
    user: someone,
  }),
  { selector: ({ id }) => id },
);

/** Who deletes a comment that is not its own twin cannot bring it back. */
describe('twins', () => {
  it('are ours with our marker at their end, the oldest is kept, and all others are younger', () => {
    fc.assert(
      fc.property(lists, (comments) => {
        const { kept, younger } = findTwins(comments, marker, author);
        const all = kept === undefined ? [] : [kept, ...younger];
        const ours = comments.filter(({ body, user }) => user === us && body?.trimEnd().endsWith(marker));
        expect(new Set(all)).toEqual(new Set(ours));
        for (const twin of younger) expect(BigInt(twin.id)).toBeGreaterThan(BigInt(kept?.id ?? 0));
      }),
    );
  });

  it('are the same, in whatever order GitHub lists them', () => {
    fc.assert(
      fc.property(lists, (comments) => {
        expect(findTwins([...comments].reverse(), marker, author)).toEqual(findTwins(comments, marker, author));
      }),
    );
  });
});

describe('a marker', () => {
  it('is found on any body that it was put on, and no other is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        (body, name, other) => {
          const marked = withMarker(body, stickyMarker(name));
          if (!marked.success) throw new Error(marked.problem);
          expect(marked.body.startsWith(body)).toBe(true);
          expect(hasMarker(marked.body, stickyMarker(name))).toBe(true);
          expect(hasMarker(marked.body, stickyMarker(other))).toBe(name.toWellFormed() === other.toWellFormed());
          expect(hasMarker(marked.body, marker)).toBe(false);
        },
      ),
    );
  });

  it('is one HTML comment, whatever the name', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('-->', '--!>', '<!--', '\n')), (name) => {
        expect(stickyMarker(name)).toMatch(/^<!-- [^\s<>]+ -->$/);
      }),
    );
  });
});
