import { describe, expect, it } from '@jest/globals';
import { createByteRoom } from './byte-room.ts';

/** Takes of these what there is room for, in this order; returns what was taken. */
function round(room: ReturnType<typeof createByteRoom>, effects: Record<string, number>): string[] {
  const taken: string[] = [];
  room.inRounds(() => {
    for (const [id, bytes] of Object.entries(effects)) {
      if (taken.includes(id) || !room.mayTake(id, bytes)) continue;
      room.take(bytes);
      taken.push(id);
    }
  });
  return taken;
}

describe('the room for bytes', () => {
  it('is what is configured, and more for a single larger one, which goes alone', () => {
    const room = createByteRoom(10);
    expect(round(room, { a: 6, b: 4 })).toEqual(['a', 'b']);
    expect(round(room, { large: 30 })).toEqual([]);
    room.giveBack(6);
    expect(round(room, { large: 30 })).toEqual([]);
    room.giveBack(4);
    expect(round(room, { large: 30, a: 1 })).toEqual(['large']);
    expect(round(room, { a: 1 })).toEqual([]);
    room.giveBack(30);
    expect(round(room, { a: 1 })).toEqual(['a']);
  });

  // Small ones always find room: without a turn of its own the large one would wait for as long as there are some.
  it('has a large one go although others come all the time', () => {
    const room = createByteRoom(10);
    expect(round(room, { a: 4, b: 4 })).toEqual(['a', 'b']);
    expect(round(room, { large: 9, c: 1 })).toEqual([]);
    room.giveBack(4);
    expect(round(room, { d: 1, large: 9, e: 1 })).toEqual([]);
    room.giveBack(4);
    expect(round(room, { f: 1, large: 9, g: 1 })).toEqual(['large', 'g']);
  });

  it('does not wait for what is not there any more', () => {
    const room = createByteRoom(10);
    expect(round(room, { a: 8 })).toEqual(['a']);
    expect(round(room, { large: 9, b: 1 })).toEqual([]);
    expect(round(room, { b: 1, c: 1 })).toEqual(['b', 'c']);
  });
});
